import { expect, it } from 'vitest';
import { findVersion } from '../../../src/cli/model-events.ts';
import type { ModelVersion } from '../../../src/registry/model-fold.ts';

/** Of a version, what it is found by. */
const version = (name: string, sha256: string): ModelVersion =>
  ({ trained: { model: 'm', version: name, sha256 }, role: 'rejected' }) as unknown as ModelVersion;

it('finds a version by its name, or by the beginning of that or of its sha256', () => {
  const one = version('4fa0124a', 'aa11');
  const other = version('4fa0', 'bb22');
  const versions = [one, other];
  expect(findVersion(versions, 'm@4fa01')).toBe(one);
  expect(findVersion(versions, 'm@4fa0')).toBe(other);
  expect(findVersion(versions, 'm@aa')).toBe(one);
  expect(() => findVersion(versions, 'm@4f')).toThrow('m@4f is several versions');
  expect(() => findVersion(versions, 'm@c')).toThrow('there is no version m@c');
});
