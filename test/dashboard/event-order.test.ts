import { describe, expect, it } from 'vitest';
import type { ServedEvent } from '../../src/serving/responses.ts';
import { EVENTS, modelEvent } from './fixture-models.ts';
import { CHAMPION, NOW } from './fixture-series.ts';
import { pageModule } from './page-module.ts';

interface OrderModule {
  readonly byClock: (events: readonly ServedEvent[]) => readonly ServedEvent[];
}

const { byClock } = await pageModule<OrderModule>('event-order');

const MINUTE_MS = 60_000;
const { version } = CHAMPION;
/** The period that is open when a model is trained at `NOW`: it began before. */
const PERIOD = NOW - 35 * MINUTE_MS;

const adopted = (role: string, model: object | null, at = PERIOD): ServedEvent => ({
  id: `${role}-${model === null ? 'none' : version}-${at}`,
  type: 'decision',
  at,
  stream: 'departures',
  record: { type: 'ModelAdopted', role, model, effectiveFrom: at },
});

const TRAINED = modelEvent('ModelTrained', version, NOW);
const PROMOTED = modelEvent('ModelPromoted', version, NOW);
const SHADOW = adopted('shadow', CHAMPION);
const SERVING = adopted('champion', CHAMPION);
const VACATED = adopted('shadow', null);

const idsOf = (events: readonly ServedEvent[]): string[] => events.map(({ id }) => id);

describe('the order of events', () => {
  it('has nothing before what it follows from, though a period began before', () => {
    const ordered = idsOf(byClock([PROMOTED, SERVING, SHADOW, VACATED, TRAINED]));
    expect(ordered.slice(-2)).toEqual([PROMOTED.id, TRAINED.id]);
    expect(ordered.slice(0, 3).toSorted()).toEqual(idsOf([SERVING, SHADOW, VACATED]).toSorted());
  });

  it('dates an adoption by the decision, and leaves its period as it is', () => {
    const shadow = byClock([SHADOW, TRAINED]).find(({ id }) => id === SHADOW.id);
    expect(shadow?.at).toBe(NOW);
    expect(shadow?.record['effectiveFrom']).toBe(PERIOD);
  });

  it('does not move an adoption for another model, an earlier decision or none', () => {
    const other = modelEvent('ModelTrained', 'another', NOW);
    const earlier = modelEvent('ModelTrained', version, PERIOD - MINUTE_MS);
    expect(byClock([SHADOW, other, earlier]).find(({ id }) => id === SHADOW.id)?.at).toBe(PERIOD);
    expect(byClock([SHADOW])).toEqual([SHADOW]);
  });

  it('is that of their times, latest first', () => {
    const times = byClock(EVENTS).map(({ at }) => at);
    expect(times.length).toBe(EVENTS.length);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
  });
});
