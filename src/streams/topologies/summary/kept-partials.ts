import { DAY_MS } from '../../../core/duration.ts';
import {
  accuracyOf,
  addUp,
  sumsOfPartial,
  type ShapedSums,
} from '../../../evaluation/accuracy-window.ts';
import type { NamedWindow } from '../../../evaluation/thresholds.ts';
import { Arena } from '../../../schemas/arena.ts';
import type { Accuracy } from '../../../schemas/accuracy.ts';
import type { ModelRef, ModelRole } from '../../../schemas/forecast.ts';
import type { AccuracyPartial } from '../../../schemas/partial.ts';
import { partialType } from '../../../schemas/value-types.ts';
import type { Keyed, KeyedDefinition } from '../../../state/keyed.ts';

/** What is taken from it stays as it is. */
const arena = new Arena();

const encodePartial = (partial: AccuracyPartial): Uint8Array => {
  arena.begin();
  partialType.encode(partial, arena);
  return arena.take();
};

/** The last partial of each model, day and scores partition, as its schema writes it. */
export const keptPartialsStore: KeyedDefinition<AccuracyPartial> = {
  kind: 'keyed',
  name: 'kept-partials',
  version: 1,
  initial: (key) => {
    throw new Error(`a partial is kept when it comes, not made by its key ${key}`);
  },
  clone: (partial) => partial,
  encode: encodePartial,
  decode: (bytes) => {
    const own = Buffer.from(bytes);
    // Written by `encode` above, which is given accuracy partials only.
    return partialType.decode({ bytes: own, position: 0 }) as AccuracyPartial;
  },
};

/** Who is summed up: a model in a role and a scope. */
const ownerOf = ({ scope, role, sha256, version, model }: AccuracyPartial): string =>
  `${scope}|${role}|${sha256}|${version}|${model}`;

const keyOf = (partial: AccuracyPartial): string => {
  const { windowStart, partition, levels, naiveNames, perStep } = partial;
  const shape = `${perStep.length}|${levels.join()}|${naiveNames.join()}`;
  return `${windowStart}|${ownerOf(partial)}|${partition}|${shape}`;
};

/** One model's partials of one day, over all partitions. */
interface OwnersDay {
  readonly owner: string;
  readonly model: ModelRef;
  readonly scope: string;
  readonly partials: Map<string, AccuracyPartial>;
  /** Made when first asked for, and again after a change. */
  sums: ShapedSums | undefined;
}

/** Partials by day and owner: what the windows of a model are added up from. */
export class KeptPartials {
  private readonly kept: Keyed<AccuracyPartial>;
  private readonly stream: string;
  private readonly windows: readonly NamedWindow[];
  private readonly days = new Map<number, Map<string, OwnersDay>>();

  constructor(
    kept: Keyed<AccuracyPartial>,
    { stream, windows }: { readonly stream: string; readonly windows: readonly NamedWindow[] },
  ) {
    this.kept = kept;
    this.stream = stream;
    this.windows = windows;
    for (const key of kept.keys()) {
      const partial = kept.find(key);
      if (partial !== undefined) this.index(key, partial);
    }
  }

  put(partial: AccuracyPartial): void {
    const key = keyOf(partial);
    this.kept.put(key, partial);
    this.index(key, partial);
  }

  /** Days [from, to) that have anything, ascending. */
  daysIn(from: number, to: number): number[] {
    return [...this.days.keys()].filter((day) => day >= from && day < to).sort((a, b) => a - b);
  }

  /** Accuracy of every model that was scored on a day, over each window that ends with it. */
  *endingWith(day: number): Generator<Accuracy> {
    const owners = this.days.get(day) ?? new Map<string, OwnersDay>();
    for (const owner of [...owners.keys()].sort()) {
      for (const window of this.windows) yield* this.accuracy(owner, day, window);
    }
  }

  /** The windows before `until` that hold a partial's day, told of again. */
  *holding(partial: AccuracyPartial, until: number): Generator<Accuracy> {
    const owner = ownerOf(partial);
    const day = partial.windowStart;
    for (const window of this.windows) {
      for (const last of this.daysIn(day, Math.min(until, day + window.ms))) {
        yield* this.accuracy(owner, last, window);
      }
    }
  }

  /** Forgets days before `day`. */
  drop(day: number): void {
    for (const old of this.daysIn(-Infinity, day)) {
      for (const { partials } of this.days.get(old)?.values() ?? []) {
        for (const key of partials.keys()) this.kept.delete(key);
      }
      this.days.delete(old);
    }
  }

  private *accuracy(owner: string, day: number, window: NamedWindow): Generator<Accuracy> {
    const last = this.days.get(day)?.get(owner);
    if (last === undefined) return;
    const end = day + DAY_MS;
    const sums = this.daysIn(end - window.ms, end).flatMap((each) => {
      const owned = this.days.get(each)?.get(owner);
      return owned === undefined ? [] : [sumsOf(owned)];
    });
    const { model, scope } = last;
    yield accuracyOf(addUp(sums), { stream: this.stream, model, scope, window, end });
  }

  private index(key: string, partial: AccuracyPartial): void {
    const owner = ownerOf(partial);
    const day = partial.windowStart;
    const owners = this.days.get(day) ?? new Map<string, OwnersDay>();
    this.days.set(day, owners);
    const { model: name, version, sha256, role, scope } = partial;
    const owned = owners.get(owner) ?? {
      owner,
      // A partial has its role from a score's model.
      model: { name, version, sha256, role: role as ModelRole },
      scope,
      partials: new Map<string, AccuracyPartial>(),
      sums: undefined,
    };
    owners.set(owner, owned);
    owned.partials.set(key, partial);
    owned.sums = undefined;
  }
}

const sumsOf = (owned: OwnersDay): ShapedSums => {
  owned.sums ??= addUp([...owned.partials.values()].map(sumsOfPartial));
  return owned.sums;
};
