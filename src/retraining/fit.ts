import type { Fit } from '../evaluation/backtest.ts';
import type { Forecaster } from '../models/forecaster.ts';
import { TrainingError } from './errors.ts';
import type { Candidate, Trainer } from './trainer.ts';

/**
 * The fit of a backtest by a trainer: what it trains is opened and forecasts; too little data is no
 * failure there.
 */
export const fitBy =
  (trainer: Trainer, open: (candidate: Candidate) => Promise<Forecaster>): Fit =>
  async ({ panel, featureSchema, fromPeriod, toPeriod, seed }, signal) => {
    const { series, holidays } = panel;
    const input = { featureSchema, series, fromPeriod, toPeriod, seed };
    try {
      const candidate = await trainer.train(
        holidays === null ? input : { ...input, holidays },
        signal,
      );
      const forecaster = await open(candidate);
      const { heldBack } = candidate;
      if (heldBack === undefined) return { forecaster };
      const { artifact, fromPeriod } = heldBack;
      const before = await open({ ...candidate, artifact });
      return { forecaster, heldBack: { forecaster: before, fromPeriod } };
    } catch (failure) {
      const isTooLittle =
        failure instanceof TrainingError && failure.code === 'TRAINING_TOO_LITTLE_DATA';
      if (isTooLittle) return null;
      throw failure;
    }
  };
