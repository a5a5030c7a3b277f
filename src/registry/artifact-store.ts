/** Keeps the bytes of models, named by their own sha256, so that a name never means two things. */
export interface ArtifactStore {
  /**
   * Resolves once the bytes survive a power cut; the same bytes again change nothing. It comes
   * before the event that names them, never after.
   */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  /**
   * undefined: there are no such bytes. Code `ARTIFACT_DAMAGED` when what lies under the name is
   * something else.
   */
  get(sha256: string): Promise<Uint8Array | undefined>;
}

/** 64 hexadecimal digits, and so nothing that could lead out of a folder. */
export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
