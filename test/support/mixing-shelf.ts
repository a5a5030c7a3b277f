import type { ModelShelf } from '../../src/streams/topologies/forecasting/model-shelf.ts';

/** A model that mixes every feature into every step, so that a change of any of them shows. */
export const mixingShelf = (horizon: number): ModelShelf => ({
  load: async ({ version }) => ({
    strategy: 'direct',
    predict: async (rows, count) => {
      const width = rows.length / count;
      const means = new Float64Array(count * horizon);
      for (const at of means.keys()) {
        const step = at % horizon;
        const row = Math.floor(at / horizon) * width;
        let mean = Number(version);
        for (let column = 0; column < width; column += 1) {
          const value = rows[row + column] ?? Number.NaN;
          if (!Number.isNaN(value)) mean += (value * (1 + ((column + step) % 5))) / width;
        }
        means[at] = mean;
      }
      return means;
    },
  }),
});
