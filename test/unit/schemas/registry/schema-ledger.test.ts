import { describe, expect, it } from 'vitest';
import { MemorySchemaRegistry } from '../../../../src/schemas/registry/memory-schema-registry.ts';
import { SchemaLedger } from '../../../../src/schemas/registry/schema-ledger.ts';

const field = (name: string) => ({ name, type: 'long', default: 0 });
const record = (...names: readonly string[]): string =>
  JSON.stringify({ type: 'record', name: 'R', fields: names.map(field) });

const add = (ledger: SchemaLedger, subject: string, schema: string) => {
  const registered = ledger.propose(subject, schema);
  ledger.add(registered);
  return registered;
};

describe('a schema ledger', () => {
  it('counts versions of a subject from 1 and ids over all subjects from 1', () => {
    const ledger = new SchemaLedger();
    const told = [
      add(ledger, 'a', record('x')),
      add(ledger, 'b', record('y')),
      add(ledger, 'a', record('x', 'y')),
    ];
    expect(told.map(({ id, version }) => [id, version])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    expect(ledger.latest().map(({ id }) => id)).toEqual([3, 2]);
    expect(ledger.versions('a').map(({ id }) => id)).toEqual([1, 3]);
  });

  it('gives a schema one id under whatever subjects, and tells the first of them', () => {
    const ledger = new SchemaLedger();
    add(ledger, 'a', record('x'));
    expect(add(ledger, 'b', record('x'))).toMatchObject({ id: 1, subject: 'b', version: 1 });
    expect(ledger.byId(1)).toMatchObject({ subject: 'a' });
    expect(add(ledger, 'b', record('x', 'y'))).toMatchObject({ id: 2, version: 2 });
  });

  it('finds a schema however it is spaced and whatever the order of its names', () => {
    const ledger = new SchemaLedger();
    const registered = add(ledger, 'a', '{"type":"record","name":"R","fields":[]}');
    expect(ledger.find('a', '{ "name": "R",\n "fields": [],\n "type": "record" }')).toBe(
      registered,
    );
    expect(ledger.find('b', '{"type":"record","name":"R","fields":[]}')).toBeUndefined();
  });

  it('knows nothing that was only proposed', () => {
    const ledger = new SchemaLedger();
    ledger.propose('a', record('x'));
    expect(ledger.find('a', record('x'))).toBeUndefined();
    expect(ledger.byId(1)).toBeUndefined();
    expect(ledger.latest()).toEqual([]);
    expect(ledger.propose('b', record('y')).id).toBe(1);
  });

  it('goes on after the greatest id that was added, in whatever order', () => {
    const ledger = new SchemaLedger();
    ledger.add({ id: 7, subject: 'a', version: 1, schema: record('x') });
    ledger.add({ id: 3, subject: 'b', version: 1, schema: record('y') });
    expect(ledger.propose('c', record('z')).id).toBe(8);
  });

  it('refuses what cannot read an earlier version of the subject, and what is no schema', () => {
    const ledger = new SchemaLedger();
    add(ledger, 'a', record('x'));
    const other = JSON.stringify({
      type: 'record',
      name: 'R',
      fields: [{ name: 'n', type: 'int' }],
    });
    expect(() => ledger.propose('a', other)).toThrow(/cannot read version 1/);
    expect(ledger.propose('b', other).id).toBe(2);
    expect(() => ledger.find('a', 'no JSON')).toThrow(/is no JSON/);
  });
});

describe('the registry in memory', () => {
  it('folds registrations to the ledger', async () => {
    const registry = new MemorySchemaRegistry();
    const first = await registry.register('a', record('x'));
    expect(await registry.register('a', record('x'))).toBe(first);
    const second = await registry.register('a', record('x', 'y'));
    expect(await registry.byId(2)).toBe(second);
    expect(await registry.byId(3)).toBeUndefined();
    expect(await registry.subjects()).toEqual([second]);
    expect(await registry.versions('a')).toEqual([first, second]);
    await expect(registry.register('a', '"string"')).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
    });
  });
});
