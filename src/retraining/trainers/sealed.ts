import { createHash } from 'node:crypto';
import type { ErrorProfile } from '../../models/error-profile.ts';
import { withErrors } from '../../models/onnx/metadata.ts';
import type { Candidate } from '../trainer.ts';

/**
 * A candidate whose artifact tells what a judge found of its errors. It computes what it did
 * before, under another sha256.
 */
export const sealed = (candidate: Candidate, errors: ErrorProfile): Candidate => {
  const artifact = withErrors(candidate.artifact, errors);
  const sha256 = createHash('sha256').update(artifact).digest('hex');
  return { ...candidate, artifact, sha256 };
};
