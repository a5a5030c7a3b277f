import { CliError } from '../errors.ts';
import { TASK_ROLES, type TaskRole } from './stream-topologies.ts';

export type Role = TaskRole | 'api' | 'probes';

/** What a process runs that is told nothing: all, since the API has the probes too. */
export const ROLES: readonly Role[] = [...TASK_ROLES, 'api'];

/** What it may be told: `probes` is for those that leave `api` out. */
export const KNOWN_ROLES: readonly Role[] = [...ROLES, 'probes'];

/** Reads `ingest,forecasting`. */
export const parseRoles = (text: string): readonly Role[] =>
  [...new Set(text.split(',').map((part) => part.trim()))].map((name) => {
    const role = KNOWN_ROLES.find((one) => one === name);
    if (role !== undefined) return role;
    const known = KNOWN_ROLES.join(', ');
    throw new CliError('USAGE', `--roles: there is no role "${name}"; roles: ${known}`);
  });

export const isTaskRole = (role: Role): role is TaskRole => role !== 'api' && role !== 'probes';
