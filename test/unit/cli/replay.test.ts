import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const STREAM = 'source: { topic: sales, series: s, time: t, value: v }, frequency: 1d';
const CHANGELOG = 'again.again.shop.ingest.changelog';

let line: CommandLine;

/** Two partitions, each with a record an hour, each in a transaction of its own. */
beforeEach(async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  await writeFile(file, `data: ${folder}\nstreams: { shop: { ${STREAM} } }\n`);
  line = new CommandLine();
  line.env = { TIDECAST_CONFIG: file };
  await line.log.ensureTopics([{ name: 'sales', partitions: 2, cleanup: 'delete' }]);
  for (let hour = 0; hour < 12; hour += 1) {
    line.nowMs = Date.UTC(2001, 0, 1, hour);
    line.log.append('sales', hour % 2, [{ key: null, value: Buffer.from('{}') }]);
  }
});

const namesOf = async (): Promise<readonly string[]> =>
  (await line.log.topics()).map(({ definition }) => definition.name);

const nexts = async (to: string): Promise<readonly number[]> =>
  (await line.json('replay', '--to', to, '--as', 'again', '--dry-run')).map(({ next }) =>
    Number(next),
  );

describe('tidecast replay', () => {
  it.each([
    ['start', [0, 0]],
    ['end', [12, 12]],
    ['4', [4, 4]],
    ['-1', [10, 10]],
    // Of partition 0 the even hours, of partition 1 the odd ones; a mark after each record.
    ['2001-01-01T04:00:00Z', [4, 4]],
    ['2001-01-01T05:00:00Z', [6, 4]],
    ['2001-01-01T05:00:01Z', [6, 6]],
    ['1999-01-01', [0, 0]],
    ['2100-01-01', [12, 12]],
  ])('to %s begins at %j', async (to, expected) => {
    const before = await namesOf();
    // Where a record ended is as good a place as where the next one begins.
    expect((await nexts(to)).map((next) => next + (next % 2))).toEqual(expected);
    expect(await namesOf()).toEqual(before);
  });

  it('makes the topics of the new name, and writes where its tasks begin', async () => {
    const { code, out, err } = await line.call('replay', '--to', '4', '--as', 'again');
    expect(code).toBe(0);
    expect(out).toMatch(/^STREAM +TOPIC +PARTITION +FROM +START +END\n/);
    expect(err).toContain('--set application=again --set kafka.topicPrefix=again.');
    const names = await namesOf();
    expect(names).toContain('again.shop.forecasts');
    expect(names).not.toContain('shop.forecasts');
    const written = line.log.snapshot(CHANGELOG);
    expect(written.map(({ partition, key }) => [partition, key?.toString()])).toEqual([
      [0, 'commit'],
      [1, 'commit'],
    ]);
    const group = (await line.log.groupOffsets('again.shop.ingest')).map(({ next }) => next);
    expect(group).toEqual([4, 4]);
    // What other topologies read is new: they begin at its start.
    expect(line.log.snapshot('again.again.shop.forecasting.changelog')).toEqual([]);
  });

  it('begins a name once', async () => {
    await line.call('replay', '--to', 'start', '--as', 'again');
    const { code, err } = await line.call('replay', '--to', 'start', '--as', 'again');
    expect(code).toBe(2);
    expect(err).toContain('again has begun already; choose another name with --as');
  });

  it.each([
    [['--to', 'start', '--as', 'tidecast'], 'must be other names'],
    [['--to', 'start', '--as', 'again', '--topic-prefix', ''], 'must be other names'],
    [['--to', 'yesterday', '--as', 'again'], '--to yesterday is none of start'],
    [['--to', 'start', '--as', 'No Name'], 'application'],
    [['--to', 'start'], '--as NAME begins a new application beside the old one'],
    [['--to', 'start', '--as', 'again', '--in-place'], "cannot be used with option '--as <name>'"],
    [['--to', 'start', '--in-place'], 'tidecast has never run'],
    [['--to', 'start', '--as', 'a', '--set', 'streams.shop.source.topic=x'], 'there is no topic x'],
  ])('%j ends with exit code 2', async (args, message) => {
    const { code, err } = await line.call('replay', ...args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

describe('tidecast replay --in-place', () => {
  const CHANGELOG_HERE = 'tidecast.shop.ingest.changelog';

  const keysOf = (topic: string): (string | undefined)[] =>
    line.log.snapshot(topic).map(({ key }) => key?.toString());

  beforeEach(async () => {
    const needed = ['ingest', 'forecasting', 'monitoring', 'summary', 'retraining', 'training'];
    await line.call('topics', 'create');
    for (const name of needed) expect(await namesOf()).toContain(`tidecast.shop.${name}.changelog`);
  });

  const REFUSED = { code: 2, isWritten: false };
  const DONE = { code: 0, isWritten: true };

  it.each([
    ['nobody is there', [], { ...REFUSED, says: 'nobody is here to confirm this: say --yes' }],
    ['another name is typed', [], { ...REFUSED, answer: 'no', says: 'that is not tidecast:' }],
    ['its name is typed', [], { ...DONE, answer: 'tidecast', says: 'with the next' }],
    ['it was said before', ['--yes'], { ...DONE, says: 'with the next `tidecast run`.' }],
    ['it is only asked for', ['--dry-run'], { ...REFUSED, code: 0, says: 'Nothing was written.' }],
  ] as const)('is confirmed: %s', async (_, flags, expected) => {
    line.answer = 'answer' in expected ? expected.answer : undefined;
    const { code, out, err } = await line.call('replay', '--to', '4', '--in-place', ...flags);
    expect(err).toContain(expected.says);
    expect(code).toBe(expected.code);
    expect(out).toMatch(/^STREAM +TOPIC +PARTITION +FROM +START +END\n/);
    const replays = expected.isWritten ? ['replay', 'replay', 'replay', 'replay'] : [];
    expect(keysOf(CHANGELOG_HERE)).toEqual(replays);
  });

  it('says what it forgets, and leaves models and requests as they are', async () => {
    line.answer = 'tidecast';
    const { err } = await line.call('replay', '--to', 'start', '--in-place');
    expect(err).toContain('readers see that stretch of time twice');
    expect(err).toContain('shop.ingest, shop.forecasting, shop.monitoring, shop.summary');
    expect(keysOf('tidecast.shop.forecasting.changelog')).toContain('replay');
    expect(keysOf('tidecast.shop.training.changelog')).toEqual([]);
    expect(keysOf('tidecast.shop.retraining.changelog')).toEqual([]);
    expect(keysOf('shop.observations')[0]).toContain('watermark:');
  });

  it('waits until nobody works any more', async () => {
    const ignore = (): void => undefined;
    const membership = await line.log.join(
      { group: 'tidecast.shop.monitoring', topics: ['shop.scores'] },
      { assigned: ignore, lost: ignore, failed: ignore },
    );
    const refused = await line.call('replay', '--to', 'start', '--in-place', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('has tasks of shop.monitoring): stop all its workers first');
    expect(refused.err).toContain('STILL_RUNNING');
    await membership.leave();
    expect((await line.call('replay', '--to', 'start', '--in-place', '--yes')).code).toBe(0);
  });
});
