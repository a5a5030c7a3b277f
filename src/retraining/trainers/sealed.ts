import { sha256Of } from '../../core/sha256.ts';
import type { ErrorProfile } from '../../models/error-profile.ts';
import { withErrors } from '../../models/onnx/metadata.ts';
import type { Candidate } from '../trainer.ts';

/**
 * A candidate whose artifact tells what a judge found of its errors. It computes what it did
 * before, under another sha256.
 */
export const sealed = (candidate: Candidate, errors: ErrorProfile): Candidate => {
  const artifact = withErrors(candidate.artifact, errors);
  const sha256 = sha256Of(artifact);
  return { ...candidate, artifact, sha256 };
};
