import { contentHash } from '../../core/content-hash.ts';

/** Origins of one series that can be learnt from: none where the last lies before the first. */
export interface OriginSpan {
  readonly seriesId: string;
  readonly first: number;
  readonly last: number;
}

/** How far apart the origins of a series lie, and how far ahead each of them sees. */
interface Spacing {
  readonly stride: number;
  readonly horizon: number;
}

/** Origins that are enough if all series share them. */
const SHARED_ENOUGH = 30;

/**
 * How many periods before the last possible origin that of each series lies, which its others are
 * counted back from. All share theirs as long as these are enough and no target lies between them;
 * of more series each has its own. Thousands that are seen at one origin say little more than that
 * this was a good day. The first of a panel, by the hash of its id, goes back from the end: where
 * it is alone, the latest targets are the ones that matter.
 */
export const originPhases = (
  spans: readonly OriginSpan[],
  { stride, horizon }: Spacing,
): Float64Array => {
  const phases = new Float64Array(spans.length);
  const learnt = spans.flatMap((span, index) =>
    span.last < span.first ? [] : [{ ...span, index }],
  );
  const first = learnt.reduce((least, span) => Math.min(least, span.first), Infinity);
  const last = learnt.reduce((greatest, span) => Math.max(greatest, span.last), -Infinity);
  if (stride <= horizon && last - first >= SHARED_ENOUGH * stride) return phases;
  const ranked = learnt
    .map(({ seriesId, index }) => ({ rank: contentHash([seriesId]), index }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1));
  for (const [place, { index }] of ranked.entries()) {
    phases[index] = Math.floor((stride * place) / ranked.length);
  }
  return phases;
};
