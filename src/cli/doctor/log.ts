import { access } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import type { OpenedLog } from '../opened-log.ts';
import { examineTopics } from '../topics/examine-topics.ts';
import { sentenceOf } from '../topics/topic-finding.ts';
import { finding, said, type Check, type Finding } from './check.ts';

const isFolderThere = ({ data }: Config): Promise<boolean> =>
  access(data).then(
    () => true,
    () => false,
  );

const sourcesOf = async (config: Config, { log }: OpenedLog): Promise<readonly Finding[]> => {
  const states = await log.topics();
  return config.streams.flatMap(({ name, source }) => {
    const state = states.find(({ definition }) => definition.name === source.topic);
    if (state === undefined) {
      // On Kafka it is among the topics on which no run begins.
      if (config.log === 'kafka') return [];
      const key = `streams.${name}.source.topic`;
      const message = `${source.topic} does not exist: produce to it, or check ${key}`;
      return finding(`source of ${name}`, 'warn', message);
    }
    const count = state.offsets.reduce((sum, { start, stableEnd }) => sum + stableEnd - start, 0);
    const { partitions } = state.definition;
    const message = `${source.topic} has ${partitions} partitions, ${count} offsets`;
    return finding(`source of ${name}`, 'pass', message);
  });
};

/** Whether a run would begin on the topics that are there. */
const topicsOf = async (config: Config, { log }: OpenedLog): Promise<readonly Finding[]> => {
  if (config.streams.length === 0) return finding('topics', 'skip', 'no stream needs any');
  const { neededTopics } = await import('../run/needed-topics.ts');
  const { findings } = await examineTopics(config, log, async (...of) => neededTopics(...of));
  const told = findings.filter(({ verdict }) => verdict === 'refused' || verdict === 'unwise');
  const absent = findings.filter(({ verdict }) => verdict === 'absent').length;
  if (told.length === 0) {
    const made = absent === 0 ? '' : `, of which the next run creates ${absent}`;
    return finding('topics', 'pass', `${findings.length} are as they are needed${made}`);
  }
  return told.flatMap((one) =>
    finding('topics', one.verdict === 'refused' ? 'fail' : 'warn', sentenceOf(one)),
  );
};

/** Whether the log opens, who owns it, and whether the sources are there. */
export const checkLog: Check = async ({ io, config }) => {
  if (config.log === 'embedded' && !(await isFolderThere(config))) {
    return finding('log', 'skip', 'nothing has been written yet');
  }
  try {
    const opened = await io.openLog(config);
    try {
      const { isRemote, ownerPid } = opened;
      const owner = isRemote ? `process ${ownerPid} owns it and answers` : 'it opens';
      return [
        ...finding('log', 'pass', owner),
        ...(await sourcesOf(config, opened)),
        ...(await topicsOf(config, opened)),
      ];
    } finally {
      await opened.close();
    }
  } catch (error) {
    return finding('log', 'fail', said(error));
  }
};
