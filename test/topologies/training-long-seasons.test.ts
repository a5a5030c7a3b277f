import { afterAll, describe, expect, it } from 'vitest';
import { openJudged } from '../../src/cli/run/onnx-model-shelf.ts';
import { streamParts, type StreamParts } from '../../src/cli/run/stream-parts.ts';
import { loadConfig } from '../../src/config/config.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { SeriesHistory } from '../../src/evaluation/history.ts';
import { openOnnxRuntime } from '../../src/models/onnx/onnx-forecaster.ts';
import { namedTrainer } from '../../src/retraining/trainers/named-trainer.ts';
import { sealed } from '../../src/retraining/trainers/sealed.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import { training } from '../../src/streams/topologies/training.ts';
import { memoryArtifactStore } from '../support/memory-artifact-store.ts';
import { valuesOf } from '../support/quality-topologies.ts';
import { SERDES, topic } from '../support/retraining-topologies.ts';
import { TopologyDriver } from '../support/topology-driver.ts';

const DAY = 86_400_000;
const END = Date.UTC(2024, 0, 1);
const runtime = openOnnxRuntime({ workers: 1 });

afterAll(() => runtime.close());

/** A stream that says nothing but its frequency. */
const partsOf = (frequency: string): StreamParts => {
  const source = 'source: { topic: sales, series: store, time: day, value: amount }';
  const builtIn = `streams:\n  s:\n    ${source}\n    frequency: ${frequency}\n`;
  const config = loadConfig({ builtIn, env: {} });
  const [stream] = config.streams;
  if (stream === undefined) throw new Error('there is no stream');
  return streamParts(config, stream);
};

/** Five series with a trend, a year's season and noise, up to the end. */
const seriesOf = ({ shape }: StreamParts, periods: number): SeriesHistory[] => {
  const random = seededRandom('long seasons');
  const [season = 1] = shape.features.seasons;
  const firstPeriod = shape.periods.periodOf(END) - periods;
  return ['a', 'b', 'c', 'd', 'e'].map((seriesId, index) => ({
    seriesId,
    firstPeriod,
    values: Float64Array.from({ length: periods }, (_, period) => {
      const turn = (2 * Math.PI * (period % season)) / season;
      return 100 + 10 * index + 0.2 * period + 20 * Math.sin(turn) + 4 * random.normal();
    }),
  }));
};

interface Given {
  readonly windowDays?: number;
  /** The quickest one, where only its refusals matter. */
  readonly trainer?: 'ridge';
}

const trainedOn = async (
  frequency: string,
  periods: number,
  given: Given = {},
): Promise<ModelEvent[]> => {
  const parts = partsOf(frequency);
  const { stream, features, shape } = parts;
  const driver = new TopologyDriver(
    training({
      ...{ stream: 's', serdes: SERDES },
      ...{ requests: topic('retraining-requests'), models: topic('models') },
      ...{ periods: shape.periods, featureSchema: features, policy: stream.retraining },
      clock: { now: () => END, monotonic: () => 0 },
      trainer: namedTrainer(given.trainer ?? stream.model.trainer),
      artifacts: memoryArtifactStore(),
      open: openJudged(runtime),
      seal: sealed,
      history: async () => ({ series: seriesOf(parts, periods), holidays: null }),
    }),
  );
  const start = END - (given.windowDays ?? stream.retraining.trainingWindowDays) * DAY;
  const value = SERDES.request.encode({
    ...{ id: 'a'.repeat(32), model: 's', stream: 's', reason: 'schedule', evidence: '{}' },
    trainingWindow: { start, end: END, offsets: [] },
  });
  const sent = await driver.feed([{ topic: 'retraining-requests', key: 's', value }]);
  return valuesOf(sent, 'models', SERDES.modelEvent);
};

describe('a stream of long seasons, with the default settings', () => {
  it.each([
    ['1w', 600, 130],
    ['1mo', 240, 60],
  ])(
    'of %s has its first model promoted',
    async (frequency, periods, targets) => {
      const [made, decided] = await trainedOn(frequency, periods);
      expect(made?.type).toBe('ModelTrained');
      expect(decided).toMatchObject({ type: 'ModelPromoted', sha256: made?.sha256 });
      const gate = JSON.parse(decided?.gate ?? '{}') as { readonly checks?: readonly unknown[] };
      expect(gate).toMatchObject({ promote: true, targets });
      expect(gate.checks?.[0]).toMatchObject({ name: 'target times', limit: targets / 2 });
    },
    120_000,
  );

  it('says how much history would do, or which window, where it has too little', async () => {
    const trainer = 'ridge';
    const [none] = await trainedOn('1w', 200, { trainer });
    expect(none).toMatchObject({ type: 'ModelRejected', sha256: '' });
    expect(none?.reason).toMatch(/^Only 0 rows .* the last 130 periods are judged/);
    expect(none?.reason).toContain('a history of 215 periods (1505 days) would do');
    expect(none?.reason).toContain('the longest series has 200');
    expect(none?.reason).toMatch(/, or a shorter window of 1400 days, of which less is judged$/);
    const [young] = await trainedOn('1mo', 20, { trainer });
    expect(young?.reason).toMatch(/would do, where the longest series has 20$/);
    const [narrow] = await trainedOn('1w', 600, { trainer, windowDays: 150 });
    expect(narrow?.reason).toMatch(/; a training window of 273 days would do$/);
  }, 60_000);

  it('has a model of exactly what it said would do', async () => {
    const trainer = 'ridge';
    const answers = [
      await trainedOn('1w', 215, { trainer }),
      await trainedOn('1w', 200, { trainer, windowDays: 1_400 }),
      await trainedOn('1w', 600, { trainer, windowDays: 273 }),
    ];
    expect(answers.map(([first]) => first?.type)).toEqual(answers.map(() => 'ModelTrained'));
    const [less] = await trainedOn('1w', 214, { trainer });
    expect(less?.type).toBe('ModelRejected');
  }, 60_000);
});
