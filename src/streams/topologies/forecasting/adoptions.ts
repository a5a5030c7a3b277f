import type { ModelAdopted } from '../../../schemas/decision.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import type { ModelEvent } from '../../../schemas/model-event.ts';
import type { KeyedDefinition } from '../../../state/keyed.ts';

/** A model in a role from one period on; null: the role is vacant from then on. */
export interface Adoption {
  readonly role: 'champion' | 'shadow';
  readonly model: ModelRef | null;
  /** Epoch ms: start of the first period that is closed with it. */
  readonly effectiveFrom: number;
}

/** Which models a task forecasts with, and when each began; bounded by forgetting what no open forecast needs. */
export interface Adoptions {
  /** sha256 of the champion by the log of model events, which may be ahead of what serves. */
  champion: string;
  /** Ascending by `effectiveFrom` within each role. */
  list: Adoption[];
}

const KEPT_PER_ROLE_MAX = 16;

/** The key of the only value in the store. */
export const ADOPTIONS_KEY = 'adoptions';

export const adoptionsStore: KeyedDefinition<Adoptions> = {
  kind: 'keyed',
  name: 'model-adoptions',
  version: 1,
  initial: () => ({ champion: '', list: [] }),
  clone: ({ champion, list }) => ({ champion, list: [...list] }),
  encode: (value) => Buffer.from(JSON.stringify(value)),
  // Written by `encode` above, under the same store version.
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Adoptions,
};

/** The model in a role when the period that starts at `periodStart` is closed. */
export const adoptedAt = (
  { list }: Adoptions,
  role: Adoption['role'],
  periodStart: number,
): ModelRef | null => {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const adoption = list[index];
    if (adoption?.role === role && adoption.effectiveFrom <= periodStart) return adoption.model;
  }
  return null;
};

const refOf = ({ model, version, sha256 }: ModelEvent, role: Adoption['role']): ModelRef => ({
  name: model,
  version,
  sha256,
  role,
});

/**
 * What a model event makes this task adopt. `nextPeriodStart` is the first period that is still open: what is late
 * takes effect there. A promotion or rollback that names another champion than ours is void.
 */
export const adoptionsOf = (
  adoptions: Adoptions,
  event: ModelEvent,
  nextPeriodStart: number,
): readonly Adoption[] => {
  const vacate: Adoption = { role: 'shadow', model: null, effectiveFrom: nextPeriodStart };
  switch (event.type) {
    case 'ModelTrained':
      return [{ ...vacate, model: refOf(event, 'shadow') }];
    case 'ModelPromoted':
    case 'ModelRolledBack': {
      if (event.previous !== adoptions.champion) return [];
      const planned = event.type === 'ModelPromoted' ? event.effectiveFrom : nextPeriodStart;
      const effectiveFrom = Math.max(planned, nextPeriodStart);
      return [
        { role: 'champion', model: refOf(event, 'champion'), effectiveFrom },
        { ...vacate, effectiveFrom },
      ];
    }
    case 'ModelRejected':
    case 'ModelArchived': {
      const shadow = adoptedAt(adoptions, 'shadow', Infinity);
      return shadow?.sha256 === event.sha256 ? [vacate] : [];
    }
  }
};

const byStart = (one: Adoption, other: Adoption): number => one.effectiveFrom - other.effectiveFrom;

/** Takes adoptions in place. A later decision for the same or an earlier period wins over one not yet in effect. */
export const adopt = (adoptions: Adoptions, adopted: readonly Adoption[]): void => {
  for (const adoption of adopted) {
    const { role, model, effectiveFrom } = adoption;
    const others = adoptions.list.filter((one) => one.role !== role);
    const earlier = adoptions.list.filter(
      (one) => one.role === role && one.effectiveFrom < effectiveFrom,
    );
    adoptions.list = [...others, ...[...earlier, adoption].slice(-KEPT_PER_ROLE_MAX)].sort(byStart);
    if (role === 'champion') adoptions.champion = model?.sha256 ?? '';
  }
};

export const adoptionOf = ({ role, model, effectiveFrom }: ModelAdopted): Adoption => ({
  role,
  model,
  effectiveFrom,
});
