/** What a configuration may name. */
export const TRAINER_NAMES = ['auto', 'ridge', 'gbdt'] as const;
export type TrainerName = (typeof TRAINER_NAMES)[number];
