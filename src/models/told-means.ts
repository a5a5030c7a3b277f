import { NONE, type LinearDesign } from './linear-model.ts';

/**
 * Columns of a row that are all 0 where a series never was negative and a target's slot has been 0
 * for as long as rows tell: the least value, and the first columns of the mean of the slot and of
 * what forecasts start from. Undefined where a design does not read all of them.
 */
export const quietColumns = ({
  least,
  slotMean,
  anchors,
}: LinearDesign):
  { readonly least: number; readonly profiles: readonly [number, ...number[]] } | undefined => {
  // The second one is the mean of the slot, or the first one is and this the value before.
  const [, second] = anchors;
  if (least === NONE || slotMean === NONE || second === undefined) return undefined;
  return { least, profiles: [slotMean, ...anchors.slice(0, 2)] };
};
