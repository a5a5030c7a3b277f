import type { Trainer } from '../trainer.ts';
import { ridgeTrainer } from './ridge.ts';

/** What a configuration may name. */
export const TRAINER_NAMES = ['auto', 'ridge'] as const;
export type TrainerName = (typeof TRAINER_NAMES)[number];

/** The trainer of a configuration; `auto` is the one that did best on the panels at hand. */
export const namedTrainer = (name: TrainerName): Trainer => {
  switch (name) {
    case 'auto':
    case 'ridge':
      return ridgeTrainer();
  }
};
