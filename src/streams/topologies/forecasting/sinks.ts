import type { Headers } from '../../../log/log.ts';
import type { ColumnarScore } from '../../../schemas/columnar-score.ts';
import type { FeatureVector } from '../../../schemas/feature-vector.ts';
import type { Forecast } from '../../../schemas/forecast.ts';
import type { LateObservation } from '../../../schemas/late-observation.ts';
import type { Serde } from '../../../schemas/serde.ts';
import type { Outbox } from '../../batch.ts';
import type { ForecastingOptions } from './options.ts';

type Stage<T> = (outbox: Outbox, key: string, value: T) => void;

/** An observation that came when its period was over, as it is put aside. */
export interface LateEvent {
  readonly value: LateObservation;
  readonly headers: Headers;
}

/** Where a task writes: all on the partition that it reads, so that a series stays in one place. */
export interface Sinks {
  readonly features: Stage<FeatureVector>;
  readonly forecast: Stage<Forecast>;
  readonly score: Stage<ColumnarScore>;
  readonly late: Stage<LateEvent>;
}

export const sinksOf = ({ topics, serdes }: ForecastingOptions, partition: number): Sinks => {
  const stage =
    <T>(topic: string, serde: Serde<T>): Stage<T> =>
    (outbox, key, value) => {
      const packer = outbox.records.of(topic, partition);
      serde.encodeTo(value, packer.begin(key));
      packer.end();
    };
  return {
    features: stage(topics.features.name, serdes.features),
    forecast: stage(topics.forecasts.name, serdes.forecast),
    score: stage(topics.scores.name, serdes.score),
    late: (outbox, key, { value, headers }) => {
      const packer = outbox.records.of(topics.late.name, partition);
      serdes.late.encodeTo(value, packer.begin(key));
      packer.end(headers);
    },
  };
};
