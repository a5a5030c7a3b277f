import { TidecastError } from '../../../core/errors.ts';
import { requireSchema } from '../../../models/artifact.ts';
import type { CandidateOptions } from './candidate.ts';

/** Why an artifact cannot serve this stream, in words; undefined when it can. */
export const whyNotServable = async (
  { artifacts, open, featureSchema }: CandidateOptions,
  sha256: string,
): Promise<string | undefined> => {
  try {
    const artifact = await artifacts.get(sha256);
    if (artifact === undefined)
      return 'its artifact is not here: copy it from where it was trained';
    const opened = await open(artifact, sha256);
    await opened.forecaster.close();
    requireSchema(opened.featureSchema, featureSchema);
    return undefined;
  } catch (failure) {
    if (failure instanceof TidecastError && !failure.retriable) return failure.message;
    throw failure;
  }
};
