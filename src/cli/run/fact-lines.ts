import type { FollowedRecord } from '../../online/followed.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { ModelAdopted } from '../../schemas/decision.ts';
import type { DriftSignal } from '../../schemas/drift-signal.ts';
import { EXTERNAL_TRAINER, type ModelEvent } from '../../schemas/model-event.ts';
import { asksForTraining, type RetrainingRequest } from '../../schemas/retraining-request.ts';
import type { LogFields } from '../../telemetry/logger.ts';
import { isoTime } from '../print.ts';

/** What the log says of one record of a topic. */
export interface FactLine {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly action: string;
  readonly labels: NonNullable<LogFields['labels']>;
}

const modelLine = (event: ModelEvent): FactLine => {
  const { stream, model, version, sha256, actor, reason, requestId } = event;
  const name = `${model}@${version}`;
  const labels = { stream, model, version, sha256, actor, reason, request: requestId };
  const said = { level: 'info', labels } as const;
  switch (event.type) {
    case 'ModelTrained': {
      const done = event.trainer === EXTERNAL_TRAINER ? 'registered' : 'trained';
      return { ...said, action: `model-${done}`, message: `${name} ${done}: ${reason}` };
    }
    case 'ModelPromoted':
      return { ...said, action: 'model-promoted', message: `${name} promoted: ${reason}` };
    case 'ModelRolledBack':
      return { ...said, action: 'model-rolled-back', message: `rolled back to ${name}: ${reason}` };
    case 'ModelArchived':
      return { ...said, action: 'model-archived', message: `${name} archived: ${reason}` };
    case 'ModelRejected': {
      // Without an artifact there is nothing that could be promoted by hand.
      const what = sha256 === '' ? `no model of ${model} could be trained` : `${name} rejected`;
      return { ...said, level: 'warn', action: 'model-rejected', message: `${what}: ${reason}` };
    }
  }
};

const adoptionLine = ({ stream, task, role, model, effectiveFrom }: ModelAdopted): FactLine => {
  const name = model === null ? 'no model' : `${model.name}@${model.version}`;
  return {
    level: 'info',
    action: 'model-adopted',
    message: `${stream}.${task} has ${name} as ${role} from ${isoTime(effectiveFrom)} on`,
    labels: {
      ...{ stream, task, role },
      ...(model === null ? {} : { model: model.name, version: model.version }),
    },
  };
};

const driftLine = (signal: DriftSignal): FactLine => {
  const { stream, model, scope, detector, severity, episodeId, state } = signal;
  const { correctedPValue, effectSize } = signal;
  return {
    level: 'info',
    action: `drift-${state}`,
    message: `drift of ${model} ${state}: ${scope}, by ${detector}`,
    labels: {
      ...{ stream, model, scope, detector, severity },
      ...{ episode: episodeId, correctedPValue, effectSize },
    },
  };
};

const requestLine = ({
  id,
  stream,
  model,
  reason,
  trainingWindow,
}: RetrainingRequest): FactLine => {
  const isTraining = asksForTraining(reason);
  const { start, end } = trainingWindow;
  const window = isTraining ? ` on ${isoTime(start)} to ${isoTime(end)}` : '';
  const what = isTraining ? `training of ${model}` : `${reason} in ${model}`;
  return {
    level: 'info',
    action: 'retraining-requested',
    message: `${what} requested${window}${isTraining ? `: ${reason}` : ''}`,
    labels: { stream, model, reason, request: id },
  };
};

const alertLine = ({ id, stream, kind, severity, state, scope, message }: Alert): FactLine => ({
  level: state === 'firing' ? 'warn' : 'info',
  action: `alert-${state}`,
  message: `alert ${state}: ${message}`,
  labels: { stream, kind, severity, scope, alert: id },
});

/** The line about a record; undefined for those that come too often for one. */
export const factLine = (record: FollowedRecord): FactLine | undefined => {
  switch (record.kind) {
    case 'model':
      return modelLine(record.value);
    case 'drift':
      return driftLine(record.value);
    case 'retraining-request':
      return requestLine(record.value);
    case 'alert':
      return alertLine(record.value);
    case 'decision':
      return record.value.type === 'ModelAdopted' ? adoptionLine(record.value) : undefined;
    case 'accuracy':
    case 'forecast':
    case 'score':
      return undefined;
  }
};
