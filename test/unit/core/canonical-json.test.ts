import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical-json.ts';

describe('canonical JSON', () => {
  it('sorts names at every depth and leaves out what is undefined', () => {
    const value = { b: [1, { z: null, y: 'q"' }], a: true, B: 1e21, c: undefined };
    expect(canonicalJson(value)).toBe('{"B":1e+21,"a":true,"b":[1,{"y":"q\\"","z":null}]}');
  });

  it('is the same for any order of names', () => {
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  });

  it('refuses a number that JSON cannot write', () => {
    expect(() => canonicalJson({ a: [Number.NaN] })).toThrow(/no number NaN/);
  });
});
