import type { OutgoingRecord } from '../../src/log/log.ts';
import type { ModelAdopted } from '../../src/schemas/decision.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import { HOUR_MS, modelEvent, sentTo, SERDES } from './forecasting-driver.ts';
import type { FedRecord } from './topology-driver.ts';

const START = Date.UTC(2024, 0, 1);
export const HORIZON = 3;
export const at = (hours: number): number => START + hours * HOUR_MS;
export const hourOf = (timeMs: number): number => (timeMs - START) / HOUR_MS;

export const fields = (version: string) => ({
  ...{ stream: 's', model: 'm', version, sha256: `sha-${version}` },
  ...{ actor: 'trainer', reason: '', requestId: 'r', gate: '{}', decidedAt: 0 },
});
export const trained = (version: string): FedRecord =>
  modelEvent({
    ...fields(version),
    ...{ type: 'ModelTrained', trainer: 't', schemaHash: 'h', horizon: HORIZON },
    ...{ trainedFrom: 0, trainedTo: 0, rows: 1 },
  });
export const promoted = (version: string, previous: string, effectiveFrom = 0): FedRecord => {
  const sha256 = previous === '' ? '' : `sha-${previous}`;
  const type = 'ModelPromoted';
  return modelEvent({ ...fields(version), type, previous: sha256, effectiveFrom });
};
export const rolledBack = (version: string, previous: string): FedRecord =>
  modelEvent({ ...fields(version), type: 'ModelRolledBack', previous: `sha-${previous}` });
export const ended = (version: string, type: 'ModelRejected' | 'ModelArchived'): FedRecord => {
  const event: ModelEvent = { ...fields(version), type };
  return modelEvent(event);
};

/** What served each origin, by role: `3 champion one`. */
export const servedBy = (sent: readonly OutgoingRecord[]): string[] =>
  sentTo(sent, 'forecasts', SERDES.forecast).map(
    ({ origin, model }) => `${hourOf(origin)} ${model.role} ${model.version}`,
  );
export const adoptedIn = (sent: readonly OutgoingRecord[]): ModelAdopted[] =>
  sentTo(sent, 'decisions', SERDES.decision).flatMap((decision) =>
    decision.type === 'ModelAdopted' ? [decision] : [],
  );
