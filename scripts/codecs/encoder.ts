import { fieldOf, itemOf, presentOf, type Code, type Place } from './code.ts';
import type { EnumShape, Primitive, RecordShape, Shape } from './shape.ts';

const WRITERS = '../avro-writers.ts';

const WRITER_OF: Readonly<Record<Primitive | 'doubles' | 'floats', string>> = {
  boolean: 'writeBoolean',
  int: 'writeInt',
  long: 'writeLong',
  float: 'writeFloat',
  double: 'writeDouble',
  string: 'writeText',
  bytes: 'writeBytes',
  doubles: 'writeDoubles',
  floats: 'writeFloats',
};

/** Makes statements that write values. */
export class EncoderMaker {
  private readonly code: Code;
  private lastVariable = 0;

  constructor(code: Code) {
    this.code = code;
  }

  /** The name of the function that writes this record. */
  record({ name, fields }: RecordShape, place: Place): string {
    return this.code.define(`encode${name}`, () => {
      const statements = fields.map((field) =>
        this.write(field.shape, `value.${field.name}`, fieldOf(place, field.name)),
      );
      const signature = `(value: ${place.typeName}, to: ByteSink): void`;
      return `const encode${name} = ${signature} => {\n${statements.join('\n')}\n};`;
    });
  }

  private write(shape: Shape, value: string, place: Place): string {
    switch (shape.type) {
      case 'record':
        return `${this.record(shape, place)}(${value}, to);`;
      case 'enum':
        return this.byte(`${this.symbolIndex(shape, place)}(${value}) << 1`);
      case 'optional':
        return this.optional(shape, value, place);
      case 'array':
        return this.array(shape.items, value, place);
      case 'map':
        return this.map(shape.items, value, place);
      default:
        return `${this.writer(WRITER_OF[shape.type])}(to, ${value});`;
    }
  }

  private writer(name: string): string {
    return this.code.use(WRITERS, name);
  }

  private byte(value: string): string {
    return `${this.writer('writeByte')}(to, ${value});`;
  }

  /** A branch's index is a zigzag long: 0 or 2. */
  private optional(
    { items, nullBranch }: Extract<Shape, { readonly type: 'optional' }>,
    value: string,
    place: Place,
  ): string {
    return [
      `if (${value} === null) ${this.byte(String(nullBranch * 2))}`,
      `else {`,
      this.byte(String((1 - nullBranch) * 2)),
      this.write(items, value, presentOf(place)),
      `}`,
    ].join('\n');
  }

  private array(items: Shape, value: string, place: Place): string {
    const item = this.variable('item');
    return [
      `if (${value}.length > 0) {`,
      `${this.writer('writeLong')}(to, ${value}.length);`,
      `for (const ${item} of ${value}) {`,
      this.write(items, item, itemOf(place, 'number')),
      `}`,
      `}`,
      this.byte('0'),
    ].join('\n');
  }

  private map(items: Shape, value: string, place: Place): string {
    const names = this.variable('names');
    const name = this.variable('name');
    const member = this.variable('member');
    const memberPlace = itemOf(place, 'string');
    return [
      `const ${names} = Object.keys(${value});`,
      `if (${names}.length > 0) {`,
      `${this.writer('writeLong')}(to, ${names}.length);`,
      `for (const ${name} of ${names}) {`,
      `// One of its own names.`,
      `const ${member} = ${value}[${name}] as ${memberPlace.typeName};`,
      `${this.writer('writeText')}(to, ${name});`,
      this.write(items, member, memberPlace),
      `}`,
      `}`,
      this.byte('0'),
    ].join('\n');
  }

  /** A switch over all symbols: the compiler holds the type and the schema against each other. */
  private symbolIndex({ name, symbols }: EnumShape, { typeName }: Place): string {
    return this.code.define(`indexOf${name}`, () => {
      const cases = symbols.map((symbol, index) => `case '${symbol}': return ${index};`);
      const head = `const indexOf${name} = (symbol: ${typeName}): number`;
      return `${head} => {\nswitch (symbol) {\n${cases.join('\n')}\n}\n};`;
    });
  }

  private variable(name: string): string {
    this.lastVariable += 1;
    return `${name}${this.lastVariable}`;
  }
}
