import { assert } from '../core/assert.ts';
import type { Forecaster } from '../models/forecaster.ts';
import type { OriginBlock } from './origin-blocks.ts';

/**
 * The means of a model, which it is asked for once: from one origin of a backtest to the next, most
 * earlier ones are the same.
 */
export class RememberedMeans {
  private readonly forecaster: Forecaster;
  private readonly schemaHash: string;
  /** By series, those of its last block by origin. */
  private readonly known = new Map<string, ReadonlyMap<number, Float64Array>>();

  constructor(forecaster: Forecaster, schemaHash: string) {
    this.forecaster = forecaster;
    this.schemaHash = schemaHash;
  }

  get identity(): Forecaster['identity'] {
    return this.forecaster.identity;
  }

  get strategy(): string {
    return this.forecaster.strategy;
  }

  /** count × horizon, row by row. */
  async of({ series, origins, rows: rowsOf, count }: OriginBlock): Promise<Float64Array> {
    const { forecaster, schemaHash } = this;
    const { horizon } = forecaster;
    const rows = rowsOf.get(schemaHash);
    assert(rows !== undefined, 'the model has no rows');
    const before = this.known.get(series.seriesId);
    const unknown = [...origins.keys()].filter((row) => !before?.has(origins[row] ?? Number.NaN));
    const width = rows.length / count;
    const asked = new Float64Array(unknown.length * width);
    for (const [place, row] of unknown.entries()) {
      asked.set(rows.subarray(row * width, (row + 1) * width), place * width);
    }
    const said = unknown.length === 0 ? asked : await forecaster.predict(asked, unknown.length);
    const now = new Map<number, Float64Array>();
    for (const [place, row] of unknown.entries()) {
      const means = said.subarray(place * horizon, (place + 1) * horizon);
      now.set(origins[row] ?? Number.NaN, means);
    }
    const out = new Float64Array(count * horizon);
    for (const [row, origin] of origins.entries()) {
      const means = now.get(origin) ?? before?.get(origin);
      assert(means !== undefined, 'a row has no means');
      now.set(origin, means);
      out.set(means, row * horizon);
    }
    this.known.set(series.seriesId, now);
    return out;
  }

  async close(): Promise<void> {
    this.known.clear();
    await this.forecaster.close();
  }
}
