import { fieldOf, itemOf, presentOf, type Code, type Place } from './code.ts';
import {
  bytesMinOf,
  type EnumShape,
  type Primitive,
  type RecordShape,
  type Shape,
} from './shape.ts';

const READERS = '../avro-readers.ts';

const READER_OF: Readonly<Record<Primitive | 'doubles' | 'floats', string>> = {
  boolean: 'readBoolean',
  int: 'readInt',
  long: 'readLong',
  float: 'readFloat',
  double: 'readDouble',
  string: 'readText',
  bytes: 'readBytes',
  doubles: 'readDoubles',
  floats: 'readFloats',
};

/** Makes expressions that read values. */
export class DecoderMaker {
  private readonly code: Code;

  constructor(code: Code) {
    this.code = code;
  }

  /** The name of the function that reads this record. */
  record({ name, fields }: RecordShape, place: Place): string {
    return this.code.define(`decode${name}`, () => {
      // Members of a literal are made in the order in which they stand, as on the wire.
      const members = fields.map(
        (field) => `${field.name}: ${this.read(field.shape, fieldOf(place, field.name))},`,
      );
      const signature = `(from: ByteSource): ${place.typeName}`;
      return `const decode${name} = ${signature} => ({\n${members.join('\n')}\n});`;
    });
  }

  private read(shape: Shape, place: Place): string {
    switch (shape.type) {
      case 'record':
        return `${this.record(shape, place)}(from)`;
      case 'enum':
        return `${this.reader('readSymbol')}(from, ${this.symbols(shape)})`;
      case 'optional': {
        const value = this.read(shape.items, presentOf(place));
        return `${this.reader('readBranch')}(from) === ${shape.nullBranch} ? null : ${value}`;
      }
      case 'array':
        return `${this.array(shape.items, place)}(from)`;
      case 'map':
        return `${this.map(shape.items, place)}(from)`;
      default:
        return `${this.reader(READER_OF[shape.type])}(from)`;
    }
  }

  private reader(name: string): string {
    return this.code.use(READERS, name);
  }

  private symbols({ name, symbols }: EnumShape): string {
    return this.code.define(`symbolsOf${name}`, () => {
      const texts = symbols.map((symbol) => `'${symbol}'`);
      return `const symbolsOf${name} = [${texts.join(', ')}] as const;`;
    });
  }

  /** A statement for each item of each block. */
  private blocks(itemBytesMin: number, statement: string): string {
    const block = `${this.reader('readBlock')}(from, ${itemBytesMin})`;
    return [
      `for (let count = ${block}; count > 0; count = ${block}) {`,
      `for (let left = count; left > 0; left -= 1) ${statement}`,
      `}`,
    ].join('\n');
  }

  private array(items: Shape, place: Place): string {
    return this.code.define(`decode${place.title}`, () => {
      const itemPlace = itemOf(place, 'number');
      const item = this.read(items, itemPlace);
      return [
        `const decode${place.title} = (from: ByteSource): ${place.typeName} => {`,
        `const items: ${itemPlace.typeName}[] = [];`,
        this.blocks(bytesMinOf(items), `items.push(${item});`),
        `return items;`,
        `};`,
      ].join('\n');
    });
  }

  private map(items: Shape, place: Place): string {
    return this.code.define(`decode${place.title}`, () => {
      const itemPlace = itemOf(place, 'string');
      const member = `${this.reader('readText')}(from), ${this.read(items, itemPlace)}`;
      const set = `${this.reader('setMember')}(members, ${member});`;
      return [
        `const decode${place.title} = (from: ByteSource): ${place.typeName} => {`,
        `const members: Record<string, ${itemPlace.typeName}> = {};`,
        this.blocks(1 + bytesMinOf(items), set),
        `return members;`,
        `};`,
      ].join('\n');
    });
  }
}
