import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import { valueDesign } from '../../../src/models/linear-design.ts';
import type { LinearDesign } from '../../../src/models/linear-model.ts';
import { tellMeans } from '../../oracles/told-means.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import { treeGraph } from '../../../src/models/onnx/tree-graph.ts';
import { LEAF, type TreeEnsemble } from '../../../src/models/trees/tree-ensemble.ts';
import { TreeInputs, treeInputCount } from '../../../src/models/trees/tree-inputs.ts';
import { treeMeans, type TreeModel } from '../../../src/models/trees/tree-model.ts';
import type { TreeTarget } from '../../../src/models/trees/tree-target.ts';
import { design, HORIZON, metadata, rowsOf } from '../../support/model-rows.ts';

const TREES = 40;
const DEPTH = 5;

/** Whole trees whose splits cut the inputs where they lie. */
const arbitraryEnsemble = (seed: string, of: LinearDesign = design): TreeEnsemble => {
  const random = seededRandom(seed);
  const inputs = treeInputCount(of);
  const inner = 2 ** DEPTH - 1;
  const size = 2 * inner + 1;
  const nodes = <T>(make: (node: number, tree: number) => T): T[] =>
    Array.from({ length: TREES * size }, (_, at) => make(at % size, Math.floor(at / size)));
  const isLeaf = (node: number): boolean => node >= inner;
  return {
    base: 0.25,
    roots: Int32Array.from({ length: TREES }, (_, tree) => tree * size),
    features: Int32Array.from(nodes((node) => (isLeaf(node) ? LEAF : random.int(inputs)))),
    thresholds: Float64Array.from(nodes(() => 3 * random.normal())),
    lefts: Int32Array.from(nodes((node, tree) => (isLeaf(node) ? 0 : tree * size + 2 * node + 1))),
    rights: Int32Array.from(nodes((node, tree) => (isLeaf(node) ? 0 : tree * size + 2 * node + 2))),
    values: Float64Array.from(nodes((node) => (isLeaf(node) ? random.normal() / TREES : 0))),
  };
};

const TARGETS = [
  { start: 'anchor', link: 'identity' },
  { start: 'level', link: 'identity' },
  { start: 'anchor', link: 'log' },
  { start: 'level', link: 'log' },
  { start: 'slot', link: 'identity' },
] as const satisfies readonly TreeTarget[];
const ROWS = 300;

const opened = (model: TreeModel): Promise<Forecaster> =>
  openOnnxForecaster({
    ...{ artifact: treeGraph(model, metadata), name: 't', version: '1', workers: 2 },
  });

const MODELS = [
  ...TARGETS.map((target) => ({ ...target, reads: 'distances', read: design })),
  { ...TARGETS[2], reads: 'values', read: valueDesign(design, 3) },
  {
    ...{ start: 'before' as const, link: 'identity' as const, reads: 'what it has said' },
    read: { ...design, feedback: [10, 11, 3] },
  },
];

describe.each(MODELS)('regression trees as ONNX, by $start and $link of $reads', (of) => {
  const { start, link, read } = of;
  const ensemble = arbitraryEnsemble('trees', read);
  const model = { design: read, target: { start, link }, ensemble };
  let forecaster: Forecaster;
  beforeAll(async () => {
    forecaster = await opened(model);
  });
  afterAll(() => forecaster.close());

  it('compute what the plain steps compute, gaps and dead scales included', async () => {
    const rows = rowsOf('trees', ROWS);
    const means = await forecaster.predict(rows, ROWS);
    const inputs = new TreeInputs(read);
    const out = new Float64Array(HORIZON);
    const seen = new Set<number>();
    for (let row = 0; row < ROWS; row += 1) {
      const at = row * design.width;
      inputs.read(rows, at);
      treeMeans(model, inputs, { row: rows, at, out });
      tellMeans(read, { row: rows, at, out });
      for (const [step, mean] of out.entries()) {
        const got = means[row * HORIZON + step] ?? Number.NaN;
        if (Number.isNaN(mean)) {
          expect(got).toBeNaN();
          continue;
        }
        // The operator adds up in float64 and says it in float32, in units of the scale.
        const unit = Math.max(1, Math.abs(mean), inputs.row.scale);
        expect(Math.abs(got - mean)).toBeLessThanOrEqual(1e-6 * unit);
        seen.add(mean);
      }
    }
    expect(seen.size).toBeGreaterThan((ROWS * HORIZON) / 4);
  });

  it('give a row the same means whatever rows come with it', async () => {
    const rows = rowsOf('batches', ROWS);
    const all = await forecaster.predict(rows, ROWS);
    for (const row of [0, 7, ROWS - 1]) {
      const at = row * design.width;
      const alone = await forecaster.predict(rows.slice(at, at + design.width), 1);
      expect([...alone]).toEqual([...all.slice(row * HORIZON, (row + 1) * HORIZON)]);
    }
  });

  it('is written to the same bytes each time', () => {
    const again = { ...model, ensemble: arbitraryEnsemble('trees', read) };
    expect(Buffer.from(treeGraph(again, metadata)).equals(treeGraph(model, metadata))).toBe(true);
  });
});
