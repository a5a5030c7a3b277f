import { describe, expect, it } from 'vitest';
import type { SchemaRegistry } from '../../src/schemas/schema-registry.ts';

/** An Avro schema with these fields; those with a default may be missed by older writers. */
export const recordOf = (...fields: readonly (string | readonly [string, number])[]): string =>
  JSON.stringify({
    type: 'record',
    name: 'R',
    fields: fields.map((field) =>
      typeof field === 'string'
        ? { name: field, type: 'long' }
        : { name: field[0], type: 'long', default: field[1] },
    ),
  });

const A = recordOf('x');
const B = recordOf('x', ['y', 0]);
const CLASH = recordOf('x', 'z');
const UNION = JSON.stringify([JSON.parse(A), { type: 'record', name: 'S', fields: [] }]);

/** What every registry keeps to. `open` gives one, and a name that goes before its subjects. */
export const schemaRegistryContract = (
  name: string,
  open: () => Promise<{ readonly registry: SchemaRegistry; readonly prefix: string }>,
): void => {
  const opened = async () => {
    const { registry, prefix } = await open();
    return { registry, subject: `${prefix}a-value`, other: `${prefix}b-value` };
  };

  describe(name, () => {
    it('gives a schema one version and one id, however often it is registered', async () => {
      const { registry, subject } = await opened();
      const first = await registry.register(subject, A);
      expect(first).toMatchObject({ subject, version: 1 });
      expect(first.id).toBeGreaterThan(0);
      expect(await registry.register(subject, A)).toMatchObject({ id: first.id, version: 1 });
      expect(await registry.versions(subject)).toHaveLength(1);
      expect(JSON.parse((await registry.byId(first.id))?.schema ?? '{}')).toEqual(JSON.parse(A));
    });

    it('adds a version that reads all before it, and holds the subject to that', async () => {
      const { registry, subject } = await opened();
      const first = await registry.register(subject, A);
      const second = await registry.register(subject, B);
      expect(second.version).toBe(2);
      expect(second.id).not.toBe(first.id);
      expect((await registry.versions(subject)).map(({ id }) => id)).toEqual([first.id, second.id]);
      expect(await registry.compatibility(subject)).toBe('BACKWARD_TRANSITIVE');
    });

    it('refuses one that cannot read an earlier version, and says which and what', async () => {
      const { registry, subject } = await opened();
      await registry.register(subject, A);
      await registry.register(subject, B);
      const refusal = registry.register(subject, CLASH);
      await expect(refusal).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' });
      await expect(refusal).rejects.toThrow(/a-value cannot read version 1.*R\.z; give new fields/);
      expect(await registry.versions(subject)).toHaveLength(2);
    });

    it('refuses what is no schema', async () => {
      const { registry, subject } = await opened();
      await expect(registry.register(subject, '{"type":"nonsense"}')).rejects.toMatchObject({
        code: 'SCHEMA_INVALID',
      });
    });

    it('finds a schema, and registers nothing by it', async () => {
      const { registry, subject } = await opened();
      expect(await registry.find(subject, A)).toBeUndefined();
      expect(await registry.versions(subject)).toEqual([]);
      const { id } = await registry.register(subject, A);
      expect(await registry.find(subject, A)).toMatchObject({ id, subject, version: 1 });
      expect(await registry.find(subject, B)).toBeUndefined();
    });

    it('lists the last version of each subject, by name', async () => {
      const { registry, subject, other } = await opened();
      await registry.register(other, UNION);
      await registry.register(subject, A);
      const { id } = await registry.register(subject, B);
      const listed = (await registry.subjects()).filter((one) =>
        [subject, other].includes(one.subject),
      );
      expect(listed.map((one) => one.subject)).toEqual([subject, other]);
      expect(listed[0]).toMatchObject({ id, version: 2 });
    });

    it.each([-1, 0, 2_147_483_647])('has nothing under the id %i', async (id) => {
      const { registry } = await opened();
      expect(await registry.byId(id)).toBeUndefined();
    });

    it('gives all who register the same at once the same', async () => {
      const { registry, subject } = await opened();
      const told = await Promise.all([0, 1, 2].map(() => registry.register(subject, A)));
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
      expect(await registry.versions(subject)).toHaveLength(1);
    });
  });
};
