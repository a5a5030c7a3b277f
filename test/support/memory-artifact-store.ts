import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../../src/registry/artifact-store.ts';

/** Keeps artifacts for as long as the test holds it. */
export const memoryArtifactStore = (): ArtifactStore & { readonly names: () => string[] } => {
  const kept = new Map<string, Uint8Array>();
  return {
    put: async (sha256, bytes) => {
      if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
        throw new Error(`these bytes are not those of ${sha256}`);
      }
      kept.set(sha256, bytes.slice());
    },
    get: async (sha256) => kept.get(sha256),
    names: () => [...kept.keys()],
  };
};
