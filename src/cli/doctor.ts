import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { finding, type Check, type Finding, type Verdict } from './doctor/check.ts';
import { checkDisk, checkFolder } from './doctor/data-folder.ts';
import { checkLog } from './doctor/log.ts';
import { checkMemory, checkNode } from './doctor/machine.ts';
import { checkPort, checkRegistry, checkTokens } from './doctor/network.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { printJson, printLine } from './print.ts';

interface DoctorOptions extends ConfigOptions {
  readonly json?: boolean;
}

/** In this order: what the later ones need is looked at first. */
const CHECKS: readonly Check[] = [
  checkNode,
  checkMemory,
  checkFolder,
  checkDisk,
  checkPort,
  checkTokens,
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

const examine = async (io: Io, options: DoctorOptions): Promise<readonly Finding[]> => {
  const config = readConfig(io, options);
  if (config instanceof ConfigError) return finding('config', 'fail', config.message);
  const place = config.file ?? 'defaults, as there is no tidecast.yaml here';
  const findings = [...finding('config', 'pass', `${place}: ${config.streams.length} streams`)];
  for (const check of CHECKS) findings.push(...(await check({ io, config })));
  return findings;
};

const doctor = async (io: Io, options: DoctorOptions): Promise<void> => {
  const findings = await examine(io, options);
  for (const found of findings) {
    if (options.json === true) await printJson(io.out, found);
    else await printLine(io.out, `${MARKS[found.verdict]}  ${found.check}: ${found.message}`);
  }
  const failed = findings.filter(({ verdict }) => verdict === 'fail').length;
  if (failed > 0) throw new CliError('UNHEALTHY', `${failed} checks failed: see above what to do`);
};

/** `tidecast doctor`. */
export const doctorCommand = (io: Io): Command =>
  withExamples(
    withJson(
      withConfig(new Command('doctor').description('check that a run would have what it needs')),
    ).action((options: DoctorOptions) => doctor(io, options)),
    'tidecast doctor',
    'tidecast doctor --config tidecast.yaml --json',
  );
