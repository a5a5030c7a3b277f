import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import {
  DistinctEvents,
  type EventKeeper,
  type IdentifiedEvent,
  type KeptEvent,
} from '../../../src/features/distinct-events.ts';

/** Remembers what it hears. */
class Notes implements EventKeeper {
  readonly kept = new Map<string, KeptEvent>();
  readonly gone: KeptEvent[] = [];

  put(event: KeptEvent): void {
    this.kept.set(nameOf(event), event);
  }

  delete(event: KeptEvent): void {
    this.kept.delete(nameOf(event));
  }

  forgotten(event: KeptEvent): void {
    this.gone.push(event);
  }
}

const nameOf = ({ seriesId, period, id }: IdentifiedEvent): string =>
  JSON.stringify([seriesId, period, id]);

const event = (id: string, given: Partial<IdentifiedEvent> = {}): IdentifiedEvent => ({
  ...{ seriesId: 'a', period: 1, id, eventTimeMs: 10, value: 1 },
  ...given,
});

const plain = (events: readonly IdentifiedEvent[]): readonly unknown[] =>
  events
    .map(({ seriesId, period, id, eventTimeMs, value }) => [
      ...[seriesId, period, id, eventTimeMs],
      value,
    ])
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

describe('distinct events', () => {
  it('tell a repetition from another event, from another series and from another period', () => {
    const events = new DistinctEvents(new Notes());
    expect(events.add(event('x'))).toBe(false);
    expect(events.add(event('x'))).toBe(true);
    expect(events.add(event('y'))).toBe(false);
    expect(events.add(event('x', { seriesId: 'b' }))).toBe(false);
    expect(events.add(event('x', { period: 2 }))).toBe(false);
    expect(events.take('a', 1).map(({ id }) => id)).toEqual(['x', 'y']);
    expect(events.take('a', 1)).toEqual([]);
    expect(events.take('nobody', 1)).toEqual([]);
    expect(plain(events.takeBefore(2))).toEqual([['b', 1, 'x', 10, 1]]);
    expect(plain(events.takeBefore(3))).toEqual([['a', 2, 'x', 10, 1]]);
  });

  it('are the same in any order, also where those of one id differ', () => {
    const random = seededRandom('distinct');
    const sent = Array.from({ length: 400 }, () => {
      const value = random.int(4) === 0 ? null : random.int(3);
      const period = random.int(3);
      return event(`id ${random.int(40)}`, { period, eventTimeMs: random.int(3), value });
    });
    const results = Array.from({ length: 20 }, () => {
      const events = new DistinctEvents(new Notes());
      const rest = [...sent];
      while (rest.length > 0) {
        for (const one of rest.splice(random.int(rest.length), 1)) events.add(one);
      }
      return plain(events.takeBefore(Infinity));
    });
    expect(results[0]?.length).toBeGreaterThan(100);
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it('go on in another life from what was kept', () => {
    const notes = new Notes();
    const first = new DistinctEvents(notes);
    first.add(event('x'));
    first.add(event('y'));
    first.add(event('x', { value: 7 }));
    first.add(event('z', { period: 2 }));
    first.take('a', 2);
    const second = new DistinctEvents(new Notes());
    second.restore([...notes.kept.values()].reverse());
    expect(second.add(event('y'))).toBe(true);
    expect(plain(second.takeBefore(Infinity))).toEqual([
      ['a', 1, 'x', 10, 7],
      ['a', 1, 'y', 10, 1],
    ]);
  });

  it('are so many at most: the oldest are forgotten, in another life too', () => {
    const notes = new Notes();
    const first = new DistinctEvents(notes, 2);
    for (const id of ['x', 'y', 'z']) first.add(event(id));
    const second = new DistinctEvents(notes, 2);
    second.restore([...notes.kept.values()].reverse());
    second.add(event('w'));
    expect(notes.gone.map(({ id }) => id)).toEqual(['x', 'y']);
    expect(second.take('a', 1).map(({ id }) => id)).toEqual(['z', 'w']);
    expect(notes.kept.size).toBe(0);
  });
});
