/** What the generator makes of a part of a schema. */
export type Shape =
  | { readonly type: Primitive }
  | { readonly type: 'doubles' | 'floats' }
  | { readonly type: 'array' | 'map'; readonly items: Shape }
  /** A union of null and something; `nullBranch` is the index of null. */
  | { readonly type: 'optional'; readonly items: Shape; readonly nullBranch: 0 | 1 }
  | EnumShape
  | RecordShape;

export type Primitive = 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes';

export interface EnumShape {
  readonly type: 'enum';
  readonly name: string;
  readonly symbols: readonly string[];
}

export interface RecordShape {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly shape: Shape }[];
}

type Schema = string | readonly Schema[] | SchemaObject;

interface SchemaObject {
  readonly type: Schema;
  readonly name?: string;
  readonly namespace?: string;
  readonly symbols?: readonly string[];
  readonly items?: Schema;
  readonly values?: Schema;
  readonly fields?: readonly { readonly name: string; readonly type: Schema }[];
}

/** Symbols whose index takes one byte. */
const SYMBOLS_MAX = 64;

const BYTES_MIN: Readonly<Record<Primitive, number>> = {
  boolean: 1,
  int: 1,
  long: 1,
  float: 4,
  double: 8,
  string: 1,
  bytes: 1,
};

const isPrimitive = (name: string): name is Primitive => name in BYTES_MIN;

const refuse = (part: unknown): never => {
  throw new Error(`no codec can be generated for ${JSON.stringify(part)}`);
};

/** Reads one schema; names stand for what was defined before them. */
class ShapeReader {
  private readonly named = new Map<string, Shape>();

  read(schema: Schema): Shape {
    if (typeof schema === 'string') {
      return isPrimitive(schema) ? { type: schema } : this.byName(schema);
    }
    return 'length' in schema ? this.optional(schema) : this.object(schema);
  }

  private byName(name: string): Shape {
    return this.named.get(name.replace(/^.*\./, '')) ?? refuse(name);
  }

  private optional(branches: readonly Schema[]): Shape {
    const nullBranch = branches.indexOf('null');
    const [other] = branches.filter((branch) => branch !== 'null');
    const isOptional = branches.length === 2 && (nullBranch === 0 || nullBranch === 1);
    if (!isOptional || other === undefined) return refuse(branches);
    return { type: 'optional', items: this.read(other), nullBranch };
  }

  private object(schema: SchemaObject): Shape {
    const { type, name = '', symbols = [] } = schema;
    switch (type) {
      case 'array':
        return this.array(this.read(schema.items ?? ''));
      case 'map':
        return { type, items: this.read(schema.values ?? '') };
      case 'enum':
        if (symbols.length > SYMBOLS_MAX) return refuse(schema);
        return this.define(name, { type, name, symbols });
      case 'record':
        return this.define(name, { type, name, fields: this.fields(schema) });
      default:
        // A logical type is written as what is below it.
        return this.read(type);
    }
  }

  private fields({ fields = [] }: SchemaObject): RecordShape['fields'] {
    return fields.map(({ name, type }) => ({ name, shape: this.read(type) }));
  }

  private array(items: Shape): Shape {
    if (items.type === 'double') return { type: 'doubles' };
    if (items.type === 'float') return { type: 'floats' };
    // Else a count of items says nothing of the bytes that must be there.
    return bytesMinOf(items) > 0 ? { type: 'array', items } : refuse(items);
  }

  private define(name: string, shape: Shape): Shape {
    this.named.set(name, shape);
    return shape;
  }
}

/** The least number of bytes that a value takes. */
export const bytesMinOf = (shape: Shape): number => {
  if (shape.type !== 'record') return isPrimitive(shape.type) ? BYTES_MIN[shape.type] : 1;
  return shape.fields.reduce((sum, field) => sum + bytesMinOf(field.shape), 0);
};

/** The shape of a record's schema. */
export const recordShape = (text: string): RecordShape => {
  // Committed schemas are Avro; what the generator cannot do, the reader refuses.
  const shape = new ShapeReader().read(JSON.parse(text) as Schema);
  return shape.type === 'record' ? shape : refuse(text);
};
