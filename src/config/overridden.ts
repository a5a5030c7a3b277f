import { stringify } from 'yaml';
import { flagOverrides } from './overrides.ts';
import { setIn } from './plain-map.ts';
import { configNode } from './schema/config-schema.ts';
import { parseYamlFile } from './yaml-file.ts';

/** YAML with what flags say written into it, `path=value` each, for whom no flag will be told. */
export const overriddenYaml = (content: string, assignments: readonly string[]): string => {
  const { data } = parseYamlFile(content, 'built-in');
  for (const { path, value } of flagOverrides(assignments, configNode)) setIn(data, path, value);
  return stringify(data);
};
