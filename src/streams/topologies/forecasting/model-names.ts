import type { ModelRef } from '../../../schemas/forecast.ts';
import type { Adoptions } from './adoptions.ts';
import { LADDER } from './lane.ts';

/** Version under which the naive ladder signs its forecasts. */
const LADDER_VERSION = 'naive-ladder';

/** The whole name of the model behind a serial. */
export class ModelNames {
  private readonly ladder: ModelRef;
  private readonly adoptions: () => Readonly<Adoptions>;

  constructor(name: string, adoptions: () => Readonly<Adoptions>) {
    this.ladder = { name, version: LADDER_VERSION, sha256: '', role: 'fallback' };
    this.adoptions = adoptions;
  }

  find(serial: number): ModelRef | undefined {
    if (serial === LADDER) return this.ladder;
    const { list } = this.adoptions();
    // The latest ones speak most.
    for (let index = list.length - 1; index >= 0; index -= 1) {
      const adoption = list[index];
      if (adoption?.serial === serial) return adoption.model ?? undefined;
    }
    return undefined;
  }
}
