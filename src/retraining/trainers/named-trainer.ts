import type { TrainerName } from '../trainer-names.ts';
import type { Trainer } from '../trainer.ts';
import { averageTrainer } from './average/average.ts';
import { gbdtTrainer } from './gbdt/gbdt.ts';
import { ridgeTrainer } from './ridge.ts';

/** The trainer of a configuration; `auto` is the average, chosen by backtest (decision 21). */
export const namedTrainer = (name: TrainerName): Trainer => {
  switch (name) {
    case 'auto':
      return averageTrainer();
    case 'ridge':
      return ridgeTrainer();
    case 'gbdt':
      return gbdtTrainer();
  }
};
