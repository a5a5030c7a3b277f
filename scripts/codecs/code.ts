/** Code of one generated file: what it imports, and its functions by name, each once. */
export class Code {
  private readonly imports = new Map<string, Set<string>>();
  private readonly parts = new Map<string, string>();

  /** Notes that a name of a file is used; returns the name. */
  use(file: string, name: string): string {
    const names = this.imports.get(file) ?? new Set();
    this.imports.set(file, names.add(name));
    return name;
  }

  /** Adds a function or constant, made only the first time; returns its name. */
  define(name: string, make: () => string): string {
    if (!this.parts.has(name)) {
      // What it calls comes before it, and must not be made by way of it once more.
      this.parts.set(name, '');
      const text = make();
      this.parts.delete(name);
      this.parts.set(name, text);
    }
    return name;
  }

  toString(): string {
    const imports = [...this.imports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, names]) => `import { ${[...names].sort().join(', ')} } from '${file}';`);
    return [imports.join('\n'), ...this.parts.values()].join('\n\n');
  }
}

/** A part of a record as TypeScript names it: `Forecast['intervals'][number]`. */
export interface Place {
  readonly typeName: string;
  /** In names of functions: `ForecastIntervals`. */
  readonly title: string;
}

const pascalCase = (name: string): string =>
  name.replace(/^[a-z]/, (letter) => letter.toUpperCase());

export const fieldOf = ({ typeName, title }: Place, field: string): Place => ({
  typeName: `${typeName}['${field}']`,
  title: `${title}${pascalCase(field)}`,
});

export const itemOf = ({ typeName, title }: Place, index: 'number' | 'string'): Place => ({
  typeName: `${typeName}[${index}]`,
  title: `${title}Item`,
});

export const presentOf = ({ typeName, title }: Place): Place => ({
  typeName: `NonNullable<${typeName}>`,
  title,
});
