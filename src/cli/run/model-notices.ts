import type { Logger } from '../../telemetry/logger.ts';
import type { TopologyParts } from './stream-topologies.ts';

const SILENT = {
  champion: 'the naive ladder forecasts in its place until `tidecast train` has made another',
  shadow: 'it is tried no longer',
} as const;

/** What the log is told of models that cannot serve. */
export const modelNotices = (
  logger: Logger,
  stream: string,
): Pick<TopologyParts, 'onRefused' | 'onMisfit'> => {
  /** Every task of the stream meets them, with every chunk of rows. */
  const misfits = new Set<string>();
  return {
    onRefused: ({ name, version }, error) => {
      logger.error('a model cannot serve; what serves goes on serving', {
        action: 'model-refused',
        error,
        labels: { stream, model: name, version },
      });
    },
    onMisfit: ({ name, version, sha256, role }, error) => {
      const key = `${role} ${sha256}`;
      if (misfits.has(key)) return;
      misfits.add(key);
      const place = role === 'shadow' ? 'shadow' : 'champion';
      logger.error(`the ${place} has other features than the stream; ${SILENT[place]}`, {
        action: 'model-misfit',
        error,
        labels: { stream, model: name, version, role },
      });
    },
  };
};
