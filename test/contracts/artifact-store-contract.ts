import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../src/registry/artifact-store.ts';

export const sha256Of = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** What every artifact store keeps to. */
export const artifactStoreContract = (name: string, open: () => Promise<ArtifactStore>): void => {
  describe(name, () => {
    it('gives back the bytes that were put, and only those', async () => {
      const store = await open();
      const artifacts = ['one', 'two', ''].map((text) => Buffer.from(text));
      for (const bytes of artifacts) await store.put(sha256Of(bytes), bytes);
      for (const bytes of artifacts) {
        expect(Buffer.from((await store.get(sha256Of(bytes))) ?? 'nothing')).toEqual(bytes);
      }
    });

    it('takes the same bytes again, also at the same time', async () => {
      const store = await open();
      const bytes = Buffer.alloc(1 << 20, 7);
      const sha256 = sha256Of(bytes);
      await Promise.all([store.put(sha256, bytes), store.put(sha256, bytes)]);
      await store.put(sha256, bytes);
      expect(sha256Of((await store.get(sha256)) ?? Buffer.alloc(0))).toBe(sha256);
    });

    it('has nothing under a name that was never put, or that is none', async () => {
      const store = await open();
      expect(await store.get(sha256Of(Buffer.from('absent')))).toBeUndefined();
      expect(await store.get('')).toBeUndefined();
      expect(await store.get('../secret')).toBeUndefined();
    });

    it('refuses bytes under a name that is not theirs', async () => {
      const store = await open();
      await expect(store.put('a'.repeat(64), Buffer.from('x'))).rejects.toThrow('not those of');
    });
  });
};
