import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { TidecastError } from '../core/errors.ts';
import {
  configOf,
  fileOf,
  notInEffectLine,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { finding, type Check, type Finding, type Verdict } from './doctor/check.ts';
import { checkDisk, checkFolder } from './doctor/data-folder.ts';
import { checkLog } from './doctor/log.ts';
import { checkMemory, checkNode } from './doctor/machine.ts';
import { checkPort, checkPrefix, checkRegistry, checkTokens } from './doctor/network.ts';
import { checkHolidays } from './doctor/streams.ts';
import { CliError } from './errors.ts';
import type { TopologiesOf } from './describe.ts';
import type { Io } from './io.ts';
import { printJson, printLine } from './print.ts';

interface DoctorOptions extends ConfigOptions {
  readonly json?: boolean;
}

/** In this order: what the later ones need is looked at first. */
const CHECKS: readonly Check[] = [
  checkHolidays,
  checkNode,
  checkMemory,
  checkFolder,
  checkDisk,
  checkPort,
  checkTokens,
  checkPrefix,
  checkRegistry,
  checkLog,
];

const MARKS: Readonly<Record<Verdict, string>> = {
  pass: 'pass',
  warn: 'WARN',
  fail: 'FAIL',
  skip: 'n/a ',
};

const readConfig = (io: Io, options: DoctorOptions): Config | ConfigError => {
  try {
    return configOf(io, options);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
};

/** The check without which there are no others. */
const CONFIG = 'config';

const configFinding = (config: Config): readonly Finding[] => {
  const { file, streams } = config;
  const place = file ?? `defaults, as there is no ${fileOf(config)} here`;
  const idle = config.notInEffect.flatMap((key) => finding(CONFIG, 'warn', notInEffectLine(key)));
  const found =
    streams.length === 0
      ? finding(CONFIG, 'warn', `${place}: nothing to run, add a stream to ${fileOf(config)}`)
      : finding(CONFIG, 'pass', `${place}: ${streams.length} streams`);
  return [...found, ...idle];
};

/** What the configuration names and only its streams can tell: regions of holidays, say. */
const streamsFinding = async (
  topologiesOf: TopologiesOf,
  config: Config,
): Promise<readonly Finding[]> => {
  try {
    await topologiesOf(config);
    return configFinding(config);
  } catch (error) {
    if (error instanceof TidecastError) return finding(CONFIG, 'fail', error.message);
    throw error;
  }
};

const examine = async (
  io: Io,
  topologiesOf: TopologiesOf,
  options: DoctorOptions,
): Promise<readonly Finding[]> => {
  const config = readConfig(io, options);
  if (config instanceof ConfigError) return finding(CONFIG, 'fail', config.message);
  const findings = [...(await streamsFinding(topologiesOf, config))];
  for (const check of CHECKS) findings.push(...(await check({ io, config })));
  return findings;
};

const doctor = async (
  io: Io,
  topologiesOf: TopologiesOf,
  options: DoctorOptions,
): Promise<void> => {
  const findings = await examine(io, topologiesOf, options);
  for (const found of findings) {
    if (options.json === true) await printJson(io.out, found);
    else await printLine(io.out, `${MARKS[found.verdict]}  ${found.check}: ${found.message}`);
  }
  const failed = findings.filter(({ verdict }) => verdict === 'fail');
  if (failed.length === 0) return;
  // With such a configuration no command works: the call is as wrong here as it is there.
  const code = failed.some(({ check }) => check === CONFIG) ? 'USAGE' : 'UNHEALTHY';
  const count = failed.length === 1 ? 'a check' : `${failed.length} checks`;
  throw new CliError(code, `${count} failed: see above what to do`);
};

/** `tidecast doctor`. */
export const doctorCommand = (io: Io, topologiesOf: TopologiesOf): Command =>
  withExamples(
    withJson(
      withConfig(
        new Command('doctor').description(
          'check that a run would have what it needs; exit code 1 when a check fails, 2 when the ' +
            'configuration cannot be used',
        ),
      ),
    ).action((options: DoctorOptions) => doctor(io, topologiesOf, options)),
    'tidecast doctor',
    'tidecast doctor --config tidecast.yaml --json',
  );
