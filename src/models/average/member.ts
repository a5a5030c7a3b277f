import { LinearInputs, linearMeans, type LinearModel } from '../linear-model.ts';
import { TreeInputs } from '../trees/tree-inputs.ts';
import { treeMeans, type TreeModel } from '../trees/tree-model.ts';

/** A model whose forecasts are averaged with those of others. */
export type Member =
  | { readonly kind: 'linear'; readonly model: LinearModel }
  | { readonly kind: 'recursion'; readonly model: LinearModel }
  | { readonly kind: 'trees'; readonly model: TreeModel };

/** What is forecast is the sum of what members say, each times its weight; these add up to 1. */
export interface WeightedMember {
  readonly member: Member;
  readonly weight: number;
}

/** Writes the means of a feature row to `out`, one a step. */
export type MemberMeans = (row: Float64Array, out: Float64Array) => void;

/** What a member says of one row at a time, in plain steps. */
export const memberMeans = (member: Member): MemberMeans => {
  if (member.kind !== 'trees') {
    const inputs = new LinearInputs(member.model.design);
    return (row, out) => {
      inputs.read(row, 0);
      linearMeans(member.model, inputs, { row, at: 0, out });
    };
  }
  const inputs = new TreeInputs(member.model.design);
  return (row, out) => {
    inputs.read(row, 0);
    treeMeans(member.model, inputs, { row, at: 0, out });
  };
};
