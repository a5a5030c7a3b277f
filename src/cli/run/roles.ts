import { CliError } from '../errors.ts';
import { TASK_ROLES, type TaskRole } from './stream-topologies.ts';

export type Role = TaskRole | 'api';

export const ROLES: readonly Role[] = [...TASK_ROLES, 'api'];

/** Reads `ingest,forecasting`. */
export const parseRoles = (text: string): readonly Role[] =>
  [...new Set(text.split(',').map((part) => part.trim()))].map((name) => {
    const role = ROLES.find((one) => one === name);
    if (role !== undefined) return role;
    throw new CliError('USAGE', `--roles: there is no role "${name}"; roles: ${ROLES.join(', ')}`);
  });

export const isTaskRole = (role: Role): role is TaskRole => role !== 'api';
