import type { Config } from '../../config/config.ts';
import type { StreamConfig } from '../../config/stream-config.ts';
import { fileOf } from '../command-options.ts';
import { CliError } from '../errors.ts';
import { knownNames } from '../known-names.ts';

/** The stream of this name; the default one without a name. */
export const askedStream = (config: Config, name: string | undefined): StreamConfig => {
  const { streams } = config;
  const found = streams.find((stream) =>
    name === undefined ? stream.isDefault : stream.name === name,
  );
  if (found !== undefined) return found;
  const names = streams.map((stream) => stream.name);
  if (names.length === 0) {
    throw new CliError('USAGE', `there is nothing to train: add a stream to ${fileOf(config)}`);
  }
  throw name === undefined
    ? new CliError('USAGE', `name a stream by --stream: ${names.join(', ')}`)
    : new CliError(
        'NOT_FOUND',
        `there is no stream ${name}; ${knownNames(name, { kind: 'streams', names })}`,
      );
};
