import type { Forecaster } from '../models/forecaster.ts';
import { RememberedMeans } from './remembered-means.ts';

/** A model that is ready to forecast. */
export interface Fitted {
  readonly forecaster: Forecaster;
  /** The same fitted on targets before `fromPeriod` alone, where there is one. */
  readonly heldBack?: { readonly forecaster: Forecaster; readonly fromPeriod: number } | undefined;
}

/** What was fitted; each speaks of what comes from its period on without having seen it. */
export interface Speakers {
  readonly model: RememberedMeans;
  readonly toPeriod: number;
  readonly heldBack: { readonly model: RememberedMeans; readonly fromPeriod: number } | undefined;
}

export const speakersOf = (
  { forecaster, heldBack }: Fitted,
  schemaHash: string,
  toPeriod: number,
): Speakers => ({
  model: new RememberedMeans(forecaster, schemaHash),
  toPeriod,
  heldBack: heldBack && {
    model: new RememberedMeans(heldBack.forecaster, schemaHash),
    fromPeriod: heldBack.fromPeriod,
  },
});

export const close = async (fitted: Speakers | null): Promise<void> => {
  await fitted?.model.close();
  await fitted?.heldBack?.model.close();
};
