import { describe, expect, it } from 'vitest';
import {
  METADATA,
  metadataEntries,
  parseMetadata,
  requireSchema,
  schemaDifferences,
} from '../../../src/models/artifact.ts';
import { hourlySchema } from '../../support/hourly-schema.ts';

const schema = hourlySchema();
const entries = metadataEntries({
  featureSchema: schema,
  horizon: 24,
  strategy: 'direct',
  transform: 'none',
  missing: 'zero',
});

describe('the metadata of an artifact', () => {
  it('comes back as it was written', () => {
    expect(parseMetadata(entries)).toEqual({
      featureSchema: schema,
      horizon: 24,
      strategy: 'direct',
      transform: 'none',
      missing: 'zero',
    });
  });

  it('names the members of an average, and of nothing else', () => {
    const members = ['ridge', 'log-trees'];
    const named = new Map([...entries, [METADATA.members, members.join(', ')]]);
    expect(parseMetadata(named).members).toEqual(members);
    expect(parseMetadata(entries)).not.toHaveProperty('members');
  });

  it('may leave out how outputs and gaps are treated', () => {
    const fewer = new Map(entries);
    fewer.delete(METADATA.transform);
    fewer.delete(METADATA.missing);
    expect(parseMetadata(fewer)).toMatchObject({ transform: 'none', missing: 'nan' });
  });

  it.each([
    [METADATA.horizon, '0'],
    [METADATA.horizon, 'many'],
    [METADATA.strategy, 'guess'],
    [METADATA.missing, 'mean'],
    [METADATA.featureSchema, '{'],
    [METADATA.featureSchema, '[]'],
  ])('is refused where %s is %s', (key, value) => {
    expect(() => parseMetadata(new Map([...entries, [key, value]]))).toThrow(
      expect.objectContaining({ code: 'MODEL_METADATA_UNUSABLE' }) as Error,
    );
  });

  it.each([METADATA.horizon, METADATA.strategy, METADATA.featureSchema])(
    'is refused without %s',
    (key) => {
      const fewer = new Map(entries);
      fewer.delete(key);
      expect(() => parseMetadata(fewer)).toThrow(
        expect.objectContaining({ code: 'MODEL_METADATA_MISSING' }) as Error,
      );
    },
  );
});

describe('two feature schemas', () => {
  it('agree whatever the order of their members, and differ by the order of their terms', () => {
    const reordered = Object.fromEntries(Object.entries(schema).reverse()) as typeof schema;
    expect(() => {
      requireSchema(reordered, schema);
    }).not.toThrow();
    const turned = { ...schema, terms: [...schema.terms].reverse() };
    expect(schemaDifferences(turned, schema)).toEqual(['the order of the terms']);
    expect(() => {
      requireSchema(turned, schema);
    }).toThrow('the order of the terms');
  });

  it('name properties before terms, and of those the first ones of each side', () => {
    const terms = Array.from(
      { length: 90 },
      (_, index) => ({ kind: 'lag', periods: 1_000 + index }) as const,
    );
    const model = { ...schema, terms, seasons: [24], horizon: 6, timeZone: 'Europe/Paris' };
    const differences = schemaDifferences(model, schema);
    expect(differences.slice(0, 3)).toEqual([
      'timeZone: "Europe/Paris" in the model, "UTC" in the stream',
      'seasons: [24] in the model, [24,168] in the stream',
      'horizon: 6 in the model, 24 in the stream',
    ]);
    expect(differences.slice(3)).toEqual([
      'only in the model: {"kind":"lag","periods":1000}, {"kind":"lag","periods":1001}, ' +
        '{"kind":"lag","periods":1002} and 87 more',
      expect.stringMatching(/^only in the stream: \{.+\} and \d+ more$/),
    ]);
    expect(differences.join('; ').length).toBeLessThan(700);
  });
});
