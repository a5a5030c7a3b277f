import { nearestNames } from '../config/suggestion.ts';

/** More would hide what was meant; a log has dozens of topics. */
const SHOWN_MAX = 5;

export interface KnownNames {
  /** In the plural: `topics`. */
  readonly kind: string;
  readonly names: readonly string[];
  /** The command that names all of them. */
  readonly listedBy?: string;
}

/** What there is instead of a name that is not known: all if they are few, else the nearest. */
export const knownNames = (word: string, { kind, names, listedBy }: KnownNames): string => {
  if (names.length <= SHOWN_MAX) return `${kind}: ${names.join(', ')}`;
  const nearest = nearestNames(word, names, SHOWN_MAX).join(', ');
  const all = listedBy === undefined ? '' : `; \`${listedBy}\` names all ${names.length}`;
  return `nearest ${kind}: ${nearest}${all}`;
};
