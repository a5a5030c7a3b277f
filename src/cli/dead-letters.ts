import { Command, InvalidArgumentError, Option } from 'commander';
import { deadLetterTopicName } from '../schemas/topics.ts';
import { isWithoutBytes } from '../streams/dead-letter-sink.ts';
import {
  configOf,
  wholeNumber,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import type { Io } from './io.ts';
import type { OpenedLog } from './opened-log.ts';
import { bytesOf, plainLetters } from './plain-letters.ts';
import { printJson, printLine, printTable } from './print.ts';
import { REFUSALS } from './refusals.ts';
import { retryDeadLetters } from './retry-dead-letters.ts';
import { sentLetters } from './sent-letters.ts';
import { withExistingLog } from './with-log.ts';

interface Options extends ConfigOptions {
  readonly json?: boolean;
  readonly from?: string;
  readonly limit?: number;
  readonly reason?: string;
}

const SUFFIX = deadLetterTopicName('');
const SHOWN_MAX = 20;

/** Whoever names the topic of the letters means where they came from. */
const sourceOf = (topic: string): string =>
  topic.endsWith(SUFFIX) ? topic.slice(0, -SUFFIX.length) : topic;

interface Counted {
  readonly topic: string;
  readonly reason: string;
  count: number;
  /** Of these, how many have been sent to their topic again. */
  sent: number;
}

/** Letters of one source by reason. */
const countsOf = async (
  opened: OpenedLog,
  topic: string,
  { application, signal }: { readonly application: string; readonly signal: AbortSignal },
): Promise<readonly Counted[]> => {
  const sent = sentLetters(opened.log, { application, topic: deadLetterTopicName(topic) });
  const counts = new Map<string, Counted>();
  for await (const { letter, at } of plainLetters(opened, topic, { signal })) {
    const { reason } = letter;
    const counted = counts.get(reason) ?? { topic, reason, count: 0, sent: 0 };
    counts.set(reason, counted);
    counted.count += 1;
    if (isWithoutBytes(letter)) continue;
    if (await sent.has({ ...at, reason })) counted.sent += 1;
  }
  return [...counts.values()];
};

const list = (io: Io, options: Options): Promise<void> => {
  const config = configOf(io, options);
  const { application } = config;
  return withExistingLog(io, config, async (opened) => {
    const names = (await opened.log.topics()).map(({ definition }) => definition.name);
    const sources = names
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length));
    const entries: Counted[] = [];
    for (const topic of sources.sort()) {
      entries.push(...(await countsOf(opened, topic, { application, signal: io.signal })));
    }
    if (options.json === true) {
      for (const entry of entries) await printJson(io.out, entry);
    } else {
      const rows = entries.map(({ topic, reason, count, sent }) => [topic, reason, count, sent]);
      await printTable(io.out, ['TOPIC', 'REASON', 'LETTERS', 'SENT AGAIN'], rows);
    }
  });
};

const shown = (base64: string | null): string => {
  const bytes = bytesOf(base64);
  return bytes === null ? '-' : JSON.stringify(bytes.toString());
};

const show = (io: Io, source: string, options: Options): Promise<void> =>
  withExistingLog(io, configOf(io, options), async (opened) => {
    let left = options.limit ?? SHOWN_MAX;
    const { from } = options;
    for await (const { letter } of plainLetters(opened, source, { from, signal: io.signal })) {
      if (options.reason !== undefined && letter.reason !== options.reason) continue;
      if (left <= 0) return;
      left -= 1;
      if (options.json === true) {
        await printJson(io.out, letter);
        continue;
      }
      const { origin, reason, detail, attempts, key, value } = letter;
      const place = `${origin.topic}/${origin.partition}@${origin.offset}`;
      const again = attempts === 0 ? '' : ` (sent again ${attempts} times)`;
      await printLine(io.out, `${place}  ${reason}${again}: ${detail}`);
      await printLine(io.out, `  key ${shown(key)}  value ${shown(value)}`);
    }
  });

const retry = (io: Io, source: string, options: Options): Promise<void> => {
  const config = configOf(io, options);
  return withExistingLog(io, config, async (opened) => {
    const { reason } = options;
    const { application } = config;
    const result = await retryDeadLetters(opened, {
      source,
      reason,
      application,
      signal: io.signal,
    });
    if (options.json === true) await printJson(io.out, result);
    else {
      const { sent, withoutBytes, repeated } = result;
      await printLine(io.out, `${sent} dead letters sent to ${source} again`);
      if (repeated > 0) {
        await printLine(io.err, `${repeated} more were of records that went already`);
      }
      if (withoutBytes > 0) {
        await printLine(
          io.err,
          `${withoutBytes} were too large to be kept: send them from their origin`,
        );
      }
    }
  });
};

const parseReason = (text: string): string => {
  if (REFUSALS.includes(text)) return text;
  throw new InvalidArgumentError('It is no reason of dead letters: see `dead-letters list`.');
};

const reasonOption = (): Option =>
  new Option('--reason <code>', 'only this reason, such as VALUE_NOT_JSON').argParser(parseReason);

const commands = (io: Io): readonly Command[] => [
  withExamples(
    withJson(
      withConfig(new Command('list').description('count dead letters by topic and reason')),
    ).action((options: Options) => list(io, options)),
    'tidecast dead-letters list',
  ),
  withExamples(
    withJson(withConfig(new Command('show').description('print refused records and why')))
      .argument('<topic>', 'the topic that they came from')
      .option('-f, --from <where>', 'where to begin, as in `tidecast topics read`', 'start')
      .option('-n, --limit <n>', 'at most this many', wholeNumber(1), SHOWN_MAX)
      .addOption(reasonOption())
      .action((topic: string, options: Options) => show(io, sourceOf(topic), options)),
    'tidecast dead-letters show flights --reason TIME_INVALID',
  ),
  withExamples(
    withJson(
      withConfig(
        new Command('retry').description(
          'send refused records to their topic again, each once; one that is refused again is a ' +
            'new letter with one attempt more',
        ),
      ),
    )
      .argument('<topic>', 'the topic that they came from')
      .addOption(reasonOption())
      .action((topic: string, options: Options) => retry(io, sourceOf(topic), options)),
    'tidecast dead-letters retry flights',
  ),
];

/** `tidecast dead-letters list | show | retry`. */
export const deadLettersCommand = (io: Io): Command => {
  const command = new Command('dead-letters').description(
    'records that were refused, with their bytes',
  );
  for (const below of commands(io)) command.addCommand(below);
  return withExamples(
    command,
    'tidecast dead-letters list',
    'tidecast dead-letters show flights --reason VALUE_NOT_JSON',
  );
};
