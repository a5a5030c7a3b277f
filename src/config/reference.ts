import { frequencyDefaults, type FrequencyDefaults } from './frequency-defaults.ts';
import { parseFrequency } from '../core/frequency.ts';
import { environmentName } from './overrides.ts';
import { configNode } from './schema/config-schema.ts';
import { childOf, entryOf, keysOf, type SchemaNode } from './schema/walk.ts';

const INTRODUCTION = `# Configuration

One file, \`tidecast.yaml\` (\`--config FILE\`, else \`TIDECAST_CONFIG\`, else the one in the
working folder), checked before anything starts: a key that is unknown, missing or wrong is refused
with its line and what to write. This page is made from the schema that checks it, and a test
compares the two. \`tidecast.example.yaml\` is a file to begin with.

Environment variables win over the file, and \`--set path=value\` flags win over both:

\`\`\`bash
TIDECAST_HTTP_PORT=9000 TIDECAST_STREAMS_DEPARTURES_GRACE=5m tidecast run
tidecast run --set http.port=9000 --set streams.departures.forecast.horizon=48
\`\`\`

A variable is \`TIDECAST_\` and the path in capitals, with \`_\` for each dot and before each inner
capital (\`idlePollMs\` of \`limits\` is \`TIDECAST_LIMITS_${environmentName('idlePollMs')}\`); its
stream must be in the file. Values are read as YAML: \`[24, 168]\` is a list. Durations are a whole
number and a unit: \`30s 5m 1h 1d 1w\`.`;

const sectionOf = (node: SchemaNode): SchemaNode => entryOf(node) ?? node;

const isSection = (node: SchemaNode): boolean =>
  keysOf(sectionOf(node)).length > 0 && (node.anyOf === undefined || keysOf(node).length > 1);

const typeOf = (node: SchemaNode): string => {
  if (node.enum !== undefined) return node.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`;
  if (node.type === 'object') return 'section';
  return node.format === undefined ? (node.type ?? '') : node.format.replace('-or-', ' or ');
};

const defaultOf = (node: SchemaNode, isRequired: boolean): string => {
  if (node.otherwise !== undefined) return node.otherwise;
  if (node.default === undefined) return isRequired ? '**needed**' : 'none';
  return node.default === '' ? 'empty' : `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
};

const row = (key: string, node: SchemaNode, isRequired: boolean): string => {
  const description = (node.description ?? '').replaceAll('|', '\\|');
  return `| \`${key}\` | ${typeOf(node)} | ${defaultOf(node, isRequired)} | ${description} |`;
};

/** typebox lists what must be there; what has a default is filled in before that is checked. */
const requiredOf = (node: SchemaNode): ReadonlySet<string> =>
  new Set((node as { readonly required?: readonly string[] }).required ?? []);

const tableOf = (title: string, node: SchemaNode): readonly string[] => {
  const section = sectionOf(node);
  const required = requiredOf(section);
  const keys = keysOf(section).map((key) => ({ key, child: childOf(section, key) ?? {} }));
  const rows = keys
    .filter(({ child }) => !isSection(child))
    .map(({ key, child }) => row(key, child, required.has(key)));
  const table = ['| key | type | default | meaning |', '|---|---|---|---|', ...rows];
  const items = keys.filter(({ child }) => child.items?.properties !== undefined);
  return [
    `## ${title}\n\n${node.description ?? ''}`,
    ...(rows.length === 0 ? [] : [table.join('\n')]),
    ...keys
      .filter(({ child }) => isSection(child))
      .flatMap(({ key, child }) => tableOf(below(title, key, child), child)),
    ...items.flatMap(({ key, child }) =>
      tableOf(below(title, `${key}[]`, child), child.items ?? {}),
    ),
  ];
};

const below = (title: string, key: string, node: SchemaNode): string => {
  const path = title === TOP ? key : `${title.replaceAll('`', '')}.${key}`;
  return `\`${path}${entryOf(node) === undefined ? '' : '.<name>'}\``;
};

const TOP = 'Top level';

const FREQUENCIES = ['5m', '30m', '1h', '1d', '1w', '1mo'] as const;

const list = (values: readonly (string | number)[]): string =>
  values.length === 0 ? 'none' : values.join(' ');

const BY_FREQUENCY: readonly (readonly [string, (defaults: FrequencyDefaults) => string])[] = [
  ['forecast.horizon', ({ horizon }) => String(horizon)],
  ['seasons', ({ seasons }) => list(seasons)],
  ['features.lags', ({ lags }) => list(lags)],
  ['features.rolling.windows', ({ windows }) => list(windows)],
  ['features.calendar', ({ calendar }) => list(calendar)],
  ['grace', ({ grace }) => grace],
  ['staleAfter', ({ staleAfter }) => staleAfter],
  ['deadAfter', ({ deadAfter }) => deadAfter],
  ['monitoring.windows', ({ accuracyWindows }) => list(accuracyWindows)],
  ['retraining.trainingWindowDays', ({ trainingWindowDays }) => String(trainingWindowDays)],
  ['retraining.judgeDays', ({ judgeDays }) => String(judgeDays)],
];

const frequencyTable = (): string => {
  const defaults = FREQUENCIES.map((text) => frequencyDefaults(parseFrequency(text)));
  return [
    '## Defaults by frequency\n',
    'Counts are periods. Other parts of a day follow the rule of those below.\n',
    `| key of the stream | ${FREQUENCIES.map((text) => `\`${text}\``).join(' | ')} |`,
    `|---|${FREQUENCIES.map(() => '---|').join('')}`,
    ...BY_FREQUENCY.map(([key, tell]) => `| \`${key}\` | ${defaults.map(tell).join(' | ')} |`),
  ].join('\n');
};

/** docs/configuration.md: every key with its type, default and meaning. */
export const configurationReference = (): string =>
  `${[INTRODUCTION, ...tableOf(TOP, { ...configNode, description: '' }), frequencyTable()]
    .join('\n\n')
    .replaceAll(/\n{3,}/g, '\n\n')}\n`;
