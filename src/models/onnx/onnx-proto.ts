import protobuf from 'protobufjs';

/** Values of TensorProto.DataType that are written here. */
export const ELEMENT = { float: 1, int64: 7, bool: 9, double: 11 } as const;
/** Values of AttributeProto.AttributeType that are written here. */
export const ATTRIBUTE = { int: 2, tensor: 4, graph: 5, ints: 7, strings: 8 } as const;

/** Who wrote a graph, if it was us. */
export const PRODUCER = 'tidecast';

const field = (id: number, type: string): protobuf.IField => ({ id, type });
const list = (id: number, type: string): protobuf.IField => ({ id, type, rule: 'repeated' });

/**
 * The part of ONNX that is written and read here; unknown fields are skipped.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
const root = protobuf.Root.fromJSON({
  nested: {
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        i: field(3, 'int64'),
        t: field(5, 'TensorProto'),
        g: field(6, 'GraphProto'),
        ints: list(8, 'int64'),
        strings: list(9, 'bytes'),
        type: field(20, 'int32'),
      },
    },
    NodeProto: {
      fields: {
        input: list(1, 'string'),
        output: list(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: list(5, 'AttributeProto'),
        domain: field(7, 'string'),
      },
    },
    TensorProto: {
      fields: {
        dims: list(1, 'int64'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
    TensorShapeProto: { fields: { dim: list(1, 'Dimension') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorType') } },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    GraphProto: {
      fields: {
        node: list(1, 'NodeProto'),
        name: field(2, 'string'),
        initializer: list(5, 'TensorProto'),
        input: list(11, 'ValueInfoProto'),
        output: list(12, 'ValueInfoProto'),
      },
    },
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        producerVersion: field(3, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: list(8, 'OperatorSetIdProto'),
        metadataProps: list(14, 'StringStringEntryProto'),
      },
    },
    /** ModelProto without nodes and weights: reading what a model says of itself skips them. */
    ModelHead: {
      fields: {
        producerName: field(2, 'string'),
        graph: field(7, 'GraphHead'),
        metadataProps: list(14, 'StringStringEntryProto'),
      },
    },
    GraphHead: {
      fields: { input: list(11, 'ValueInfoProto'), output: list(12, 'ValueInfoProto') },
    },
  },
});

export const modelProto = root.lookupType('ModelProto');
export const modelHead = root.lookupType('ModelHead');
