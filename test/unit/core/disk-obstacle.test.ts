import { describe, expect, it } from 'vitest';
import { diskObstacle } from '../../../src/core/disk-obstacle.ts';

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe('an obstacle of the disk', () => {
  it.each([
    [coded('ENOSPC', 'ENOSPC: no space left on device, write'), /^the disk is full, make room/],
    [coded('LEVEL_IO_ERROR', 'IO error: /d/1.log: No space left on device'), /^the disk is full/],
    [coded('LEVEL_IO_ERROR', 'IO error: /d/1.log: Disk quota exceeded'), /^the disk quota is/],
    [coded('EFBIG', 'EFBIG: file too large, write'), /lets no file grow further/],
    [coded('LEVEL_IO_ERROR', 'IO error: /d/LOCK: Read-only file system'), /is read-only/],
    [coded('EACCES', "EACCES: permission denied, open '/d'"), /mend its permissions$/],
    [coded('LEVEL_IO_ERROR', 'IO error: /d: Too many open files'), /raise their limit/],
    [coded('EIO', 'EIO: i/o error, read'), /^the device fails/],
    [coded('LEVEL_IO_ERROR', 'IO error: /d/1.ldb: Input/output error'), /^the device fails/],
  ])('is seen in %s', (error, advice) => {
    const wrapped = new Error('the database failed to open', { cause: error });
    for (const thrown of [error, wrapped]) {
      expect(diskObstacle(thrown)?.advice).toMatch(advice);
      expect(diskObstacle(thrown)?.said).toBe(error.message);
    }
  });

  it.each([
    coded('LEVEL_CORRUPTION', 'Corruption: 1 missing files; e.g.: /d/000005.ldb'),
    coded('LEVEL_IO_ERROR', 'IO error: /d/MANIFEST-000004: No such file or directory'),
    coded('LEVEL_IO_ERROR', 'IO error: /no space left on device/1.log: No such file or directory'),
    coded('ENOENT', "ENOENT: no such file or directory, open '/quota exceeded'"),
    'no space left on device',
    undefined,
  ])('is not seen in %s', (thrown) => {
    expect(diskObstacle(thrown)).toBeUndefined();
  });
});
