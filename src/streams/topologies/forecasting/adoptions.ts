import type { ModelAdopted } from '../../../schemas/decision.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import type { ChampionChange, ModelEvent } from '../../../schemas/model-event.ts';
import type { KeyedDefinition } from '../../../state/keyed.ts';

/** A model in a role from one period on; null: the role is vacant from then on. */
export interface Adoption {
  /** 1, 2, 3, …: what open forecasts keep instead of the model's whole name. */
  readonly serial: number;
  readonly role: 'champion' | 'shadow';
  readonly model: ModelRef | null;
  /** Epoch ms: start of the first period that is closed with it. */
  readonly effectiveFrom: number;
}

/** An adoption before it has a serial. */
export type Planned = Omit<Adoption, 'serial'>;

/**
 * Which models a task forecasts with, and when each began; bounded by forgetting what no open
 * forecast needs.
 */
export interface Adoptions {
  /** sha256 of the champion by the log of model events, which may be ahead of what serves. */
  champion: string;
  nextSerial: number;
  /** Ascending by `effectiveFrom` within each role. */
  list: Adoption[];
}

/** Far more than a role sees while forecasts wait for their actuals, which name them by serial. */
const KEPT_PER_ROLE_MAX = 64;

/** The key of the only value in the store. */
export const ADOPTIONS_KEY = 'adoptions';

export const adoptionsStore: KeyedDefinition<Adoptions> = {
  kind: 'keyed',
  name: 'model-adoptions',
  version: 1,
  initial: () => ({ champion: '', nextSerial: 1, list: [] }),
  clone: (adoptions) => ({ ...adoptions, list: [...adoptions.list] }),
  encode: (value) => Buffer.from(JSON.stringify(value)),
  // Written by `encode` above, under the same store version.
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Adoptions,
};

/** A role's adoption that is in effect when the period that starts at `periodStart` is closed. */
export const adoptionAt = (
  { list }: Adoptions,
  role: Adoption['role'],
  periodStart: number,
): Adoption | undefined => {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const adoption = list[index];
    if (adoption?.role === role && adoption.effectiveFrom <= periodStart) return adoption;
  }
  return undefined;
};

const refOf = ({ model, version, sha256 }: ModelEvent, role: Adoption['role']): ModelRef => ({
  name: model,
  version,
  sha256,
  role,
});

/** Whether a model is the latest challenger; another one goes on in the shadow. */
const isShadow = (adoptions: Adoptions, { sha256 }: ModelEvent): boolean =>
  adoptionAt(adoptions, 'shadow', Infinity)?.model?.sha256 === sha256;

/** A champion of the events `ModelPromoted` and `ModelRolledBack`. */
const championOf = (
  adoptions: Adoptions,
  event: ChampionChange,
  nextPeriodStart: number,
): readonly Planned[] => {
  const planned = event.type === 'ModelPromoted' ? event.effectiveFrom : nextPeriodStart;
  const effectiveFrom = Math.max(planned, nextPeriodStart);
  const champion: Planned = { role: 'champion', model: refOf(event, 'champion'), effectiveFrom };
  return isShadow(adoptions, event)
    ? [champion, { role: 'shadow', model: null, effectiveFrom }]
    : [champion];
};

/**
 * What a model event makes this task adopt. `nextPeriodStart` is the first period that is still
 * open: what is late takes effect there. A promotion or rollback that names another champion than
 * ours is void.
 */
export const adoptionsOf = (
  adoptions: Adoptions,
  event: ModelEvent,
  nextPeriodStart: number,
): readonly Planned[] => {
  switch (event.type) {
    case 'ModelTrained':
      return [{ role: 'shadow', model: refOf(event, 'shadow'), effectiveFrom: nextPeriodStart }];
    case 'ModelPromoted':
    case 'ModelRolledBack':
      return event.previous === adoptions.champion
        ? championOf(adoptions, event, nextPeriodStart)
        : [];
    case 'ModelRejected':
    case 'ModelArchived':
      return isShadow(adoptions, event)
        ? [{ role: 'shadow', model: null, effectiveFrom: nextPeriodStart }]
        : [];
  }
};

const byStart = (one: Adoption, other: Adoption): number => one.effectiveFrom - other.effectiveFrom;

/**
 * Takes adoptions in place. A later decision for the same or an earlier period wins over one not
 * yet in effect.
 */
export const adopt = (adoptions: Adoptions, planned: readonly Planned[]): void => {
  for (const plan of planned) {
    const { role, model, effectiveFrom } = plan;
    const adoption: Adoption = { ...plan, serial: adoptions.nextSerial };
    adoptions.nextSerial += 1;
    const others = adoptions.list.filter((one) => one.role !== role);
    const earlier = adoptions.list.filter(
      (one) => one.role === role && one.effectiveFrom < effectiveFrom,
    );
    adoptions.list = [...others, ...[...earlier, adoption].slice(-KEPT_PER_ROLE_MAX)].sort(byStart);
    if (role === 'champion') adoptions.champion = model?.sha256 ?? '';
  }
};

/**
 * Notes a champion that this task cannot load: it never serves here, yet the next promotion names
 * it as the one before.
 */
export const passOver = (adoptions: Adoptions, event: ModelEvent): void => {
  if ('previous' in event) adoptions.champion = event.sha256;
};

export const planOf = ({ role, model, effectiveFrom }: ModelAdopted): Planned => ({
  role,
  model,
  effectiveFrom,
});
