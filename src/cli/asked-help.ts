import type { Command } from 'commander';
import { nearest } from '../config/suggestion.ts';

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/** The words that name a command, up to the first option. */
const pathIn = (args: readonly string[]): readonly string[] => {
  const end = args.findIndex((word) => word.startsWith('-'));
  return end < 0 ? args : args.slice(0, end);
};

/** commander would describe everything instead of what it does not know. */
const refuseUnknown = (root: Command, path: readonly string[]): void => {
  let at: Command = root;
  for (const word of path) {
    const names = at.commands.map((command) => command.name());
    // What follows a command without others below it are its arguments.
    if (names.length === 0) return;
    const below = at.commands.find((command) => command.name() === word);
    if (below === undefined) {
      const meant = nearest(word, names);
      const hint = meant === undefined ? `Commands: ${names.join(', ')}` : `Did you mean ${meant}?`;
      at.error(`error: unknown command '${word}'\n(${hint})`);
    }
    at = below;
  }
};

/**
 * Reads `help topics read` as `topics read --help`, and refuses to describe a command that there is
 * not.
 */
export const withAskedHelp = (root: Command, args: readonly string[]): readonly string[] => {
  const [first, ...rest] = args;
  const read = first === 'help' && rest.length > 0 ? [...rest.filter(isNoHelp), '--help'] : args;
  if (read.some(isHelp)) refuseUnknown(root, pathIn(read));
  return read;
};

const isNoHelp = (word: string): boolean => !isHelp(word);
