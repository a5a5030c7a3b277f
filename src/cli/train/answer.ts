import type { Config } from '../../config/config.ts';
import type { ModelEvent } from '../../schemas/model-event.ts';
import { plainValues } from '../../schemas/plain-value.ts';
import { sharedTopics } from '../../schemas/topics.ts';
import { TrainingError } from '../../retraining/errors.ts';
import { isAnswer } from '../../registry/model-fold.ts';
import { CliError } from '../errors.ts';
import type { Output } from '../io.ts';
import type { OpenedLog } from '../opened-log.ts';
import { printGate } from '../gate-table.ts';
import { printLine } from '../print.ts';
import { readTopic } from '../read-topic.ts';

/** The embedded log has one owner: if that is this command, no task runs that could answer. */
export const refuseLonelyWait = ({ isRemote }: OpenedLog, { log }: Config): void => {
  if (isRemote || log !== 'embedded') return;
  throw new CliError(
    'USAGE',
    'nothing runs on this log that could train: start `tidecast run` first, or leave --wait out',
  );
};

/** Follows the model events until one of them answers a request. */
export const answerTo = async (
  { log, registry }: OpenedLog,
  { config, requestId }: { readonly config: Config; readonly requestId: string },
  signal: AbortSignal,
): Promise<ModelEvent> => {
  const { topicPrefix: prefix, partitions } = config.kafka;
  const { models } = sharedTopics({ prefix, partitions, historyMs: 0 });
  await log.ensureTopics([models]);
  const plain = plainValues(registry);
  const from = { kind: 'start' } as const;
  for await (const { value } of readTopic(log, {
    topic: models.name,
    from,
    follow: true,
    signal,
  })) {
    const { type, value: fields } = await plain(value);
    // The topic holds nothing else: its schema is the union of the model events.
    const event = { type, ...(fields as object) } as ModelEvent;
    if (event.requestId === requestId && isAnswer(event)) return event;
  }
  throw new CliError(
    'INTERRUPTED',
    `stopped before ${requestId} was answered; tidecast models list says when it has been`,
  );
};

/** A registration that was refused after all: what was checked has changed since. */
export const requireRegistered = ({ type, reason }: ModelEvent): void => {
  if (type === 'ModelRejected') throw new CliError('USAGE', `it was refused: ${reason}`);
};

/** A request that no model came of has failed; a model that the gate refused has not. */
export const requireModel = ({ sha256, reason }: ModelEvent): void => {
  if (sha256 === '') throw new TrainingError('TRAINING_TOO_LITTLE_DATA', reason);
};

const VERDICTS: Readonly<Record<ModelEvent['type'], string>> = {
  ModelPromoted: 'promoted',
  ModelRejected: 'rejected',
  ModelRolledBack: 'serves again',
  ModelTrained: 'registered',
  ModelArchived: 'archived',
};

/** What became of a request, and every number that decided it. */
export const printAnswer = async (
  to: Output,
  { type, model, version, reason, gate }: ModelEvent,
): Promise<void> => {
  await printLine(to, `${model}@${version} ${VERDICTS[type]}: ${reason}`);
  await printGate(to, gate);
};
