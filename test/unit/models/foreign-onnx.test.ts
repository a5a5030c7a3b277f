import { describe, expect, it } from 'vitest';
import { metadataEntries, METADATA, type ArtifactMetadata } from '../../../src/models/artifact.ts';
import { GraphBuilder, type GraphShape } from '../../../src/models/onnx/graph-builder.ts';
import { modelProto } from '../../../src/models/onnx/onnx-proto.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';

const HORIZON = 3;
/** Two scalars and two profiles of three steps: 8 columns, 5 of them a step. */
const featureSchema: FeatureSchema = {
  ...{ version: 1, frequency: '1h', timeZone: 'UTC', holidays: null, seasons: [24] },
  horizon: HORIZON,
  terms: [
    { kind: 'scale' },
    { kind: 'lag', periods: 1 },
    ...[1, 2].map((from) => ({
      kind: 'profile' as const,
      profile: { of: 'seasonal', season: 24, from, to: from, offset: 0 } as const,
    })),
  ],
};
const ROWS = Float64Array.of(...[1, 2, 11, 12, 13, 21, 22, 23], ...[3, 4, 31, 32, 33, 41, 42, 43]);
const DIRECT = { inputWidth: 8, outputWidth: 3 };
const PER_STEP = { inputWidth: 5, outputWidth: 1 };

type Build = (graph: GraphBuilder) => string;

const columns =
  (from: number, count: number): Build =>
  (graph) =>
    graph.node('Slice', [
      GraphBuilder.input,
      ...[[from], [from + count], [1]].map((one) => graph.integers(one)),
    ]);

interface Foreign {
  readonly build: Build;
  readonly shape: GraphShape;
  readonly metadata?: Partial<ArtifactMetadata>;
  /** Changes of the metadata as they are written. */
  readonly entries?: Readonly<Record<string, string>>;
}

const entriesOf = ({ metadata = {}, entries = {} }: Foreign): ReadonlyMap<string, string> =>
  new Map([
    ...metadataEntries({
      ...{ featureSchema, horizon: HORIZON, strategy: 'direct' },
      ...{ transform: 'none', missing: 'nan', ...metadata },
    }),
    ...Object.entries(entries),
  ]);

/** A graph that somebody else says to have written. */
const foreign = (given: Foreign): Uint8Array => {
  const graph = new GraphBuilder();
  const bytes = graph.finish(given.build(graph), given.shape, entriesOf(given));
  const decoded = modelProto.toObject(modelProto.decode(bytes));
  return modelProto.encode({ ...decoded, producerName: 'skl2onnx' }).finish();
};

const open = (given: Foreign | Uint8Array) =>
  openOnnxForecaster({
    artifact: given instanceof Uint8Array ? given : foreign(given),
    ...{ name: 'm', version: '1', workers: 1, featureSchema },
  });

/** What it says of the two rows. */
const means = async (given: Foreign): Promise<readonly number[]> => {
  const forecaster = await open(given);
  const said = await forecaster.predict(ROWS, 2);
  await forecaster.close();
  return [...said];
};

describe('a model that was made elsewhere', () => {
  it('forecasts all steps of a row at once', async () => {
    const direct = { build: columns(2, 3), shape: DIRECT };
    expect(await means(direct)).toEqual([11, 12, 13, 31, 32, 33]);
  });

  it('forecasts step by step', async () => {
    const metadata = { strategy: 'per-step' } as const;
    const second = { build: columns(3, 1), shape: PER_STEP, metadata };
    expect(await means(second)).toEqual([21, 22, 23, 41, 42, 43]);
    expect(await means({ ...second, build: columns(4, 1) })).toEqual([1, 2, 3, 1, 2, 3]);
    const forecaster = await open(second);
    expect(forecaster).toMatchObject({ strategy: 'per-step', horizon: HORIZON });
    await forecaster.close();
  });

  it('gets a zero in place of what is missing where it says so', async () => {
    const rows = ROWS.slice().fill(Number.NaN, 2, 3);
    for (const [missing, wanted] of [
      ['zero', 0],
      ['nan', Number.NaN],
    ] as const) {
      const metadata = { strategy: 'per-step', missing } as const;
      const forecaster = await open({ build: columns(2, 1), shape: PER_STEP, metadata });
      const [first] = await forecaster.predict(rows, 2);
      await forecaster.close();
      expect(first).toBe(wanted);
    }
  });

  it('cannot let the rows of a batch depend on each other', async () => {
    const build: Build = (graph) => {
      const some = columns(2, 3)(graph);
      return graph.node('Sub', [some, graph.node('ReduceMean', [some])]);
    };
    const alone = await means({ build, shape: DIRECT });
    expect(alone).toEqual([-1, 0, 1, -1, 0, 1]);
  });

  it.each<[string, string, Foreign]>([
    [
      'takes too few columns',
      '[any, 7]',
      { build: columns(2, 3), shape: { ...DIRECT, inputWidth: 7 } },
    ],
    [
      'gives too few steps',
      '[any, 2]',
      { build: columns(2, 2), shape: { ...DIRECT, outputWidth: 2 } },
    ],
    [
      'gives all steps where it promises one',
      '[any, 3]',
      {
        build: columns(2, 3),
        shape: { inputWidth: 5, outputWidth: 3 },
        metadata: { strategy: 'per-step' },
      },
    ],
  ])('is refused where it %s', async (_what, said, given) => {
    await expect(open(given)).rejects.toMatchObject({
      code: 'MODEL_SHAPE_MISMATCH',
      message: expect.stringContaining(said) as string,
    });
  });

  it('is refused where its file leaves shapes open and its first run does not fit', async () => {
    const bytes = foreign({ build: columns(2, 2), shape: DIRECT });
    const decoded = modelProto.toObject(modelProto.decode(bytes)) as { graph: object };
    const output = [{ name: GraphBuilder.output, type: { tensorType: { elemType: 11 } } }];
    const open_ = modelProto.encode({ ...decoded, graph: { ...decoded.graph, output } }).finish();
    await expect(open(open_)).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      message: expect.stringContaining('2 outputs for 1 rows of 3 steps') as string,
    });
  });

  const whole = { build: columns(2, 3), shape: DIRECT };

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['is fed back', 'MODEL_STRATEGY_UNSUPPORTED', { [METADATA.strategy]: 'recursive' }],
    ['wants its outputs changed', 'MODEL_STRATEGY_UNSUPPORTED', { [METADATA.transform]: 'exp' }],
    [
      'has another horizon than its features',
      'MODEL_METADATA_UNUSABLE',
      { [METADATA.horizon]: '4' },
    ],
    ['guesses what is missing', 'MODEL_METADATA_UNUSABLE', { [METADATA.missing]: 'mean' }],
    [
      'learnt from other features',
      'MODEL_SCHEMA_MISMATCH',
      { [METADATA.featureSchema]: JSON.stringify({ ...featureSchema, seasons: [12] }) },
    ],
  ])('is refused where it %s', async (_what, code, entries) => {
    await expect(open({ ...whole, entries })).rejects.toMatchObject({ code });
  });

  it('is refused without metadata', async () => {
    const graph = new GraphBuilder();
    const bytes = graph.finish(columns(2, 3)(graph), DIRECT, new Map());
    await expect(open(bytes)).rejects.toMatchObject({ code: 'MODEL_METADATA_MISSING' });
  });
});
