import { Command } from 'commander';
import { REGISTER_ADVICE } from '../schemas/registry/settled-registry.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { printJson, printLine, printTable } from './print.ts';
import type { NeededSchemasOf } from './run/needed-schemas.ts';
import { examineSchemas, isRefused, type SchemaFinding } from './schemas/examine-schemas.ts';
import { registerAll } from './schemas/register-all.ts';
import { streamsOf } from './topics/check.ts';
import { closedAfter, withExistingLog } from './with-log.ts';

interface SchemasOptions extends ConfigOptions {
  readonly json?: boolean;
}

const printFindings = async (io: Io, findings: readonly SchemaFinding[]): Promise<void> => {
  const rows = findings.map(({ subject, verdict, version, id }) => [
    ...[subject, verdict, version ?? '-', id ?? '-'],
  ]);
  await printTable(io.out, ['SUBJECT', 'VERDICT', 'VERSION', 'ID'], rows);
  for (const { verdict, detail } of findings) {
    if (detail !== undefined) await printLine(io.out, `${verdict}: ${detail}`);
  }
};

const failRefused = (refused: readonly SchemaFinding[]): void => {
  if (refused.length === 0) return;
  const isClash = refused.some(({ verdict }) => verdict === 'incompatible');
  const what = refused.length === 1 ? 'one schema' : `${refused.length} schemas`;
  const advice = isClash ? 'see above what clashes' : REGISTER_ADVICE;
  throw new CliError('UNHEALTHY', `a run would be refused for ${what}: ${advice}`);
};

const check = (io: Io, neededOf: NeededSchemasOf, options: SchemasOptions): Promise<void> => {
  const config = streamsOf(configOf(io, options));
  return withExistingLog(io, config, async ({ registry }) => {
    const findings = await examineSchemas(registry, await neededOf(config));
    if (options.json === true) for (const one of findings) await printJson(io.out, one);
    else await printFindings(io, findings);
    failRefused(findings.filter((one) => isRefused(config, one)));
  });
};

const register = async (
  io: Io,
  neededOf: NeededSchemasOf,
  options: SchemasOptions,
): Promise<void> => {
  const config = streamsOf(configOf(io, options));
  const opened = await io.openLog(config, { registersSchemas: true });
  await closedAfter(opened, async ({ registry }) => {
    for (const { subject, version, id } of await registerAll(registry, await neededOf(config))) {
      if (options.json === true) await printJson(io.out, { subject, version, id });
      else await printLine(io.out, `${subject}  version ${version}  id ${id}`);
    }
  });
};

const list = (io: Io, options: SchemasOptions): Promise<void> =>
  withExistingLog(io, configOf(io, options), async ({ registry }) => {
    const all = await registry.subjects();
    if (options.json === true) for (const one of all) await printJson(io.out, one);
    else {
      const rows = all.map(({ subject, version, id }) => [subject, version, id]);
      await printTable(io.out, ['SUBJECT', 'VERSION', 'ID'], rows);
    }
  });

const leaf = (name: string, description: string): Command =>
  withJson(withConfig(new Command(name).description(description)));

/** `tidecast schemas check | register | list`. */
export const schemasCommand = (io: Io, neededOf: NeededSchemasOf): Command => {
  const checking = leaf(
    'check',
    'compare every schema that a run writes by with what the registry has; exit code 1 when a ' +
      'run would be refused',
  ).action((options: SchemasOptions) => check(io, neededOf, options));
  const registering = leaf(
    'register',
    'add what the registry lacks, and hold each subject to BACKWARD_TRANSITIVE',
  ).action((options: SchemasOptions) => register(io, neededOf, options));
  const listing = leaf('list', 'list every subject with its last version').action(
    (options: SchemasOptions) => list(io, options),
  );
  return withExamples(
    new Command('schemas')
      .description('look into the schema registry, and give it what a run needs')
      .addCommand(withExamples(checking, 'tidecast schemas check'))
      .addCommand(withExamples(registering, 'tidecast schemas register --json'))
      .addCommand(withExamples(listing, 'tidecast schemas list')),
    'tidecast schemas check',
    'tidecast schemas register',
  );
};
