import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, reportOf } from '../../../src/cli/errors.ts';
import type { Io } from '../../../src/cli/io.ts';
import { program } from '../../../src/cli/program.ts';
import { AssertionFailed } from '../../../src/core/assert.ts';
import { TidecastError } from '../../../src/core/errors.ts';
import { LogError } from '../../../src/log/errors.ts';
import { CommandLine } from './command-line.ts';

const silent = { isTerminal: false, write: () => Promise.resolve() };
const io: Io = {
  out: silent,
  err: silent,
  env: {},
  signal: new AbortController().signal,
  ask: () => Promise.resolve(undefined),
  openLog: () => Promise.reject(new Error('not needed')),
};

const leaves = (command: Command, path: readonly string[] = []): [string, Command][] =>
  command.commands.length === 0
    ? [[path.join(' '), command]]
    : command.commands.flatMap((below) => leaves(below, [...path, below.name()]));

const commands = leaves(program(io));
const groups = program(io).commands.filter(({ commands: below }) => below.length > 0);
/** A backtest is about a file alone, and the demo brings its configuration along. */
const UNCONFIGURED = ['backtest', 'demo'];
const configured = commands.filter(([path]) => path !== 'backtest');
/** These go on until they are stopped: they have no result. */
const ENDLESS = ['demo', 'run'];

/** A call of a command that is right as far as commander can tell. */
const callOf = (path: string, { registeredArguments, options }: Command): string[] => [
  ...path.split(' '),
  ...registeredArguments.map((_, index) => `a${index}`),
  ...options.flatMap(({ mandatory, long }) => (mandatory && long ? [long, 'x'] : [])),
];

describe('every command', () => {
  it('is found at all', () => {
    expect(commands.length).toBeGreaterThanOrEqual(9);
  });

  it.each(commands)('%s has a description, an example and its options', async (path, command) => {
    const { code, out } = await new CommandLine().call(...path.split(' '), '--help');
    expect(code).toBe(0);
    expect(command.description()).not.toBe('');
    expect(out).toContain(`Examples:\n  $ tidecast ${path}`);
    expect(out.includes('--config <file>')).toBe(!UNCONFIGURED.includes(path));
    expect(out.includes('--json')).toBe(!ENDLESS.includes(path));
  });

  it.each(groups.map((group) => group.name()))('%s shows an example of one below', async (name) => {
    const { code, out } = await new CommandLine().call(name, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Examples:\n  $ tidecast ${name} `);
  });

  it.each(commands)('%s ends with exit code 2 on an unknown option', async (path, command) => {
    const known = ENDLESS.includes(path) ? '--set' : '--json';
    const slip = `${known.slice(0, -2)}${known.slice(-1)}`;
    const outcome = await new CommandLine().call(...callOf(path, command), slip);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain(`unknown option '${slip}'`);
    expect(outcome.err).toContain(`(Did you mean ${known}?)`);
  });

  it.each(configured)(
    '%s ends with exit code 2 on a wrong configuration',
    async (path, command) => {
      if (path === 'doctor') return;
      const outcome = await new CommandLine().call(...callOf(path, command), '--set', 'http.prt=1');
      expect(outcome).toMatchObject({ code: 2, out: '' });
      expect(outcome.err).toContain('did you mean "port"?');
    },
  );
});

describe('the command line', () => {
  it('prints its version', async () => {
    const { code, out } = await new CommandLine().call('--version');
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  it('suggests a command for a slip', async () => {
    const { code, err } = await new CommandLine().call('prduce');
    expect(code).toBe(2);
    expect(err).toContain("unknown command 'prduce'");
    expect(err).toContain('Did you mean produce?');
  });

  it.each([
    [['help', 'nope'], 'nope', undefined],
    [['help', 'topcs'], 'topcs', 'topics'],
    [['help', 'topics', 'raed'], 'raed', 'read'],
    [['init', '--help'], 'init', undefined],
    [['modles', 'list', '-h'], 'modles', 'models'],
  ])('describes nothing else than what %j asks for', async (args, unknown, meant) => {
    const { code, out, err } = await new CommandLine().call(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`error: unknown command '${unknown}'`);
    const hint = meant === undefined ? 'Commands: demo, run, ' : `Did you mean ${meant}?`;
    expect(err).toContain(`\n(${hint}`);
  });

  it.each([
    [['help', 'produce'], 'Usage: tidecast produce '],
    [['help', 'topics', 'read'], 'Usage: tidecast topics read '],
    [['produce', 'nope', '--help'], 'Usage: tidecast produce '],
    [['help'], 'Usage: tidecast [options] [command]'],
  ])('describes a command for %j', async (args, usage) => {
    const { code, out } = await new CommandLine().call(...args);
    expect(code).toBe(0);
    expect(out).toContain(usage);
  });

  it('ends with exit code 2 and its help when nothing is asked', async () => {
    const { code, err } = await new CommandLine().call();
    expect(code).toBe(2);
    expect(err).toContain('Usage: tidecast');
  });
});

describe('exit codes and messages', () => {
  it.each([
    [new LogError('LOG_LOCKED', 'stop process 7'), 2, 'tidecast: stop process 7 (LOG_LOCKED)'],
    [new LogError('LOG_DISK', 'no room'), 1, 'tidecast: no room (LOG_DISK)'],
    [new TidecastError('FILE_DAMAGED', 'cut off'), 1, 'tidecast: cut off (FILE_DAMAGED)'],
    [new AssertionFailed('x < y'), 1, 'tidecast: this is a bug, please report it:'],
    [new Error('boom'), 1, 'tidecast: unexpected failure: Error: boom'],
    ['text', 1, 'tidecast: unexpected failure: text'],
  ])('of %s are %i and one that says what to do', (error, code, message) => {
    expect(exitCodeOf(error)).toBe(code);
    expect(reportOf(error)).toContain(message);
  });
});
