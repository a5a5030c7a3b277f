import { assert } from '../../core/assert.ts';
import { ATTRIBUTE, ELEMENT, modelProto, PRODUCER } from './onnx-proto.ts';

/** What the opset below needs to be read; both are older than any runtime in use. */
const IR_VERSION = 8;
const OPSET = 17;
/** Where operators of classical machine learning are, and the version that has float64 trees. */
const ML = { domain: 'ai.onnx.ml', version: 3 };

/** The name of a value of the graph. */
export type ValueName = string;

type Attributes = Readonly<Record<string, number | ArrayLike<number> | readonly string[]>>;

export interface GraphShape {
  /**
   * Columns of the input [rows, inputWidth] and of the output [rows, outputWidth], both float64.
   */
  readonly inputWidth: number;
  readonly outputWidth: number;
}

export interface LoopShape {
  /** Rounds. */
  readonly count: number;
  readonly width: number;
  /** Before the first one. */
  readonly state: ValueName;
}

/** One round: the state after it, and its value [rows, 1]. */
export type LoopBody = (
  step: ValueName,
  state: ValueName,
) => { readonly state: ValueName; readonly value: ValueName };

interface NodeProto {
  readonly domain?: string;
  readonly opType: string;
  readonly input: readonly ValueName[];
  readonly output: readonly ValueName[];
  readonly attribute: readonly object[];
}

/** Writes an ONNX graph node by node; the same calls give the same bytes. */
export class GraphBuilder {
  static readonly input: ValueName = 'features';
  static readonly output: ValueName = 'means';
  private nodes: NodeProto[] = [];
  private valueCount = 0;
  private usesMl = false;
  private readonly constants: object[] = [];
  private readonly names = new Map<string, ValueName>();

  /** A float64 constant. */
  doubles(dims: readonly number[], values: ArrayLike<number>): ValueName {
    return this.constant(dims, ELEMENT.double, bytesOf(Float64Array.from(values)));
  }

  integers(values: readonly number[]): ValueName {
    const words = BigInt64Array.from(values, BigInt);
    return this.constant([values.length], ELEMENT.int64, bytesOf(words));
  }

  /** The value that an operator makes of its inputs. */
  node(opType: string, input: readonly ValueName[], attributes: Attributes = {}): ValueName {
    return this.push(opType, input, attributesOf(attributes));
  }

  /** The same for an operator of classical machine learning; a Float64Array becomes a tensor. */
  mlNode(opType: string, input: readonly ValueName[], attributes: Attributes): ValueName {
    this.usesMl = true;
    return this.push(opType, input, attributesOf(attributes), ML.domain);
  }

  /**
   * The value of one of two branches, of which only one is computed; both use what the graph around
   * them has made, and both end in rows of `width` columns.
   */
  either(
    condition: ValueName,
    [ifTrue, ifFalse]: readonly (() => ValueName)[],
    width: number,
  ): ValueName {
    const branch = (name: string, build: (() => ValueName) | undefined): object => {
      const { made, node } = this.inner(() => build?.() ?? '');
      const g = { name, node, output: [valueInfo(made, width)] };
      return { name, g, type: ATTRIBUTE.graph };
    };
    const branches = [branch('then_branch', ifTrue), branch('else_branch', ifFalse)];
    return this.push('If', [condition], branches);
  }

  /**
   * [count, rows, 1]: the values of so many rounds, each from the step (0 first, [1]) and the state
   * [rows, width] that the round before it left.
   */
  loop({ count, width, state: first }: LoopShape, build: LoopBody): ValueName {
    const [step, isOn, state] = [this.name(), this.name(), this.name()];
    const { made, node } = this.inner(() => ({
      ...build(this.node('Reshape', [step, this.integers([1])]), state),
      goesOn: this.node('Identity', [isOn]),
    }));
    const body = {
      ...{ name: 'round', node },
      input: [
        scalarInfo(step, ELEMENT.int64),
        scalarInfo(isOn, ELEMENT.bool),
        valueInfo(state, width),
      ],
      output: [
        scalarInfo(made.goesOn, ELEMENT.bool),
        valueInfo(made.state, width),
        valueInfo(made.value, 1),
      ],
    };
    const [last, values] = [this.name(), this.name()];
    const attribute = [{ name: 'body', g: body, type: ATTRIBUTE.graph }];
    const input = [this.integers([count]), '', first];
    this.nodes.push({ opType: 'Loop', input, output: [last, values], attribute });
    return values;
  }

  /** The model's bytes, with `result` as its output. */
  finish(
    result: ValueName,
    { inputWidth, outputWidth }: GraphShape,
    metadata: ReadonlyMap<string, string>,
  ): Uint8Array {
    const last = {
      opType: 'Identity',
      input: [result],
      output: [GraphBuilder.output],
      attribute: [],
    };
    const model = {
      irVersion: IR_VERSION,
      producerName: PRODUCER,
      graph: {
        name: 'tidecast',
        node: [...this.nodes, last],
        initializer: this.constants,
        input: [valueInfo(GraphBuilder.input, inputWidth)],
        output: [valueInfo(GraphBuilder.output, outputWidth)],
      },
      opsetImport: [{ domain: '', version: OPSET }, ...(this.usesMl ? [ML] : [])],
      metadataProps: [...metadata]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, value]) => ({ key, value })),
    };
    const problem = modelProto.verify(model);
    assert(problem === null, `the model cannot be written: ${problem ?? ''}`);
    return modelProto.encode(model).finish();
  }

  // eslint-disable-next-line max-params -- an operator and what is its own
  private push(
    opType: string,
    input: readonly ValueName[],
    attribute: readonly object[],
    domain?: string,
  ): ValueName {
    const output = this.name();
    const own = domain === undefined ? {} : { domain };
    this.nodes.push({ ...own, opType, input, output: [output], attribute });
    return output;
  }

  /** What is built within a graph of its own, and the nodes of that. */
  private inner<Made>(build: () => Made): { readonly made: Made; readonly node: NodeProto[] } {
    const around = this.nodes;
    const node: NodeProto[] = [];
    this.nodes = node;
    const made = build();
    this.nodes = around;
    return { made, node };
  }

  /** Of a value to come. */
  private name(): ValueName {
    this.valueCount += 1;
    return `v${this.valueCount - 1}`;
  }

  /** Equal constants are written once. */
  private constant(dims: readonly number[], dataType: number, rawData: Uint8Array): ValueName {
    const content = `${dataType} ${dims.join('×')} ${rawData.join()}`;
    const known = this.names.get(content);
    if (known !== undefined) return known;
    const name = `c${this.names.size}`;
    this.names.set(content, name);
    this.constants.push({ dims, dataType, name, rawData });
    return name;
  }
}

// ONNX wants little-endian raw data, which is what every platform of Node has.
const bytesOf = (values: Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const attributesOf = (attributes: Attributes): readonly object[] =>
  Object.entries(attributes).map(([name, value]) => attributeOf(name, value));

const isTexts = (value: ArrayLike<number> | readonly string[]): value is readonly string[] =>
  typeof value[0] === 'string';

const attributeOf = (name: string, value: Attributes[string]): object => {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE.int };
  if (value instanceof Float64Array) {
    const t = { dims: [value.length], dataType: ELEMENT.double, name, rawData: bytesOf(value) };
    return { name, t, type: ATTRIBUTE.tensor };
  }
  if (isTexts(value)) {
    const strings = value.map((text) => Buffer.from(text));
    return { name, strings, type: ATTRIBUTE.strings };
  }
  return { name, ints: Array.from(value), type: ATTRIBUTE.ints };
};

const scalarInfo = (name: ValueName, elemType: number): object => ({
  name,
  type: { tensorType: { elemType, shape: { dim: [] } } },
});

const valueInfo = (name: ValueName, width: number): object => ({
  name,
  type: {
    tensorType: {
      elemType: ELEMENT.double,
      shape: { dim: [{ dimParam: 'rows' }, { dimValue: width }] },
    },
  },
});
