import { access } from 'node:fs/promises';
import { messageOf } from '../../core/errors.ts';
import type { Config } from '../../config/config.ts';
import { REGISTER_ADVICE } from '../../schemas/registry/settled-registry.ts';
import type { OpenedLog } from '../opened-log.ts';
import { examineSchemas, isRefused, type SchemaFinding } from '../schemas/examine-schemas.ts';
import { examineTopics } from '../topics/examine-topics.ts';
import { sentenceOf } from '../topics/topic-finding.ts';
import { finding, type Check, type Finding } from './check.ts';

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

const isAddable = ({ verdict }: SchemaFinding): boolean =>
  verdict === 'missing' || verdict === 'compatible';

/** Whether the registry has the schemas by which a run writes. */
const schemasOf = async (config: Config, { registry }: OpenedLog): Promise<readonly Finding[]> => {
  const { neededSchemas } = await import('../run/needed-schemas.ts');
  const needed = await neededSchemas(config);
  let findings: readonly SchemaFinding[];
  try {
    findings = await examineSchemas(registry, needed);
  } catch (error) {
    return finding('schemas', 'fail', messageOf(error));
  }
  const refused = findings.filter((one) => isRefused(config, one));
  if (refused.length === 0) return finding('schemas', 'pass', `all ${findings.length} are there`);
  const missing = refused.filter(isAddable).length;
  const lack = `the registry lacks ${missing}, and \`run\` alone ends with SCHEMA_MISSING: `;
  return [
    ...refused
      .filter((one) => !isAddable(one))
      .flatMap(({ subject, detail }) => finding('schemas', 'fail', detail ?? subject)),
    ...(missing === 0 ? [] : finding('schemas', 'warn', lack + REGISTER_ADVICE)),
  ];
};

/** Whether the log opens, who owns it, and whether the sources and schemas are there. */
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
        ...(config.log === 'kafka' ? await schemasOf(config, opened) : []),
      ];
    } finally {
      await opened.close();
    }
  } catch (error) {
    return finding('log', 'fail', messageOf(error));
  }
};
