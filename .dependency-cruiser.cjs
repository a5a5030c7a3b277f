const path = require('node:path');

// Who may import whom. Imports point down: cli -> serving, dashboard, config -> streams -> log, state -> the pure
// rooms -> schemas -> core. An adapter is a folder that knows a library; only its port is known to the rest.

const PURE = '^src/(core|schemas|calendars|features|models|evaluation|drift|retraining)/';
const ADAPTER =
  '^src/(log/(kafka|embedded|memory|remote)|state/(level|memory)|models/onnx|retraining/trainers|schemas/registry|registry/folder)/';
/** A hash reads nothing but its argument; node:crypto is merely where it lives. */
const HASH = '^src/core/sha256[.]ts$';

const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

/** `library` (a regular expression) may be imported below `home` alone; `@types` count as the library. */
const onlyIn = (name, library, home) =>
  rule(
    `${name}-has-one-door`,
    { path: '^(src|test|benchmarks|scripts)/', pathNot: home },
    // With or without node_modules: a library that is not installed must not open the door.
    { path: `(^|node_modules/)(@types/)?${library}(/|$)` },
    `Only ${home} knows ${name}; everyone else goes through its port.`,
  );

/** Nothing below `from` imports any other room than `may`. */
const onlyRooms = (name, from, may, comment) =>
  rule(name, { path: from }, { path: '^src/', pathNot: `^src/(${may})` }, comment);

module.exports = {
  forbidden: [
    rule(
      'no-circular',
      {},
      { circular: true },
      'A cycle hides which of two rooms is the lower one.',
    ),
    rule('src-not-to-test', { path: '^src/' }, { path: '^(test|benchmarks|scripts)/' }),
    rule(
      'no-dev-dependency-in-src',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
      'What src imports is installed with the product.',
    ),

    // Rings 0 and 1.
    onlyRooms('core-is-the-floor', '^src/core/', 'core/'),
    onlyRooms('schemas-know-only-core', '^src/schemas/', '(core|schemas)/'),
    rule(
      'pure-does-no-io',
      { path: PURE, pathNot: ADAPTER },
      {
        path: '^src/(log|state|streams|telemetry|ingestion|registry|online|serving|dashboard|config|cli)/',
      },
      'A pure room decides; it neither remembers nor reaches out.',
    ),
    rule(
      'pure-no-node',
      { path: PURE, pathNot: [ADAPTER, HASH] },
      { dependencyTypes: ['core'] },
      'No clock, no random, no I/O: what a pure room needs is handed in.',
    ),
    rule(
      'rooms-stand-alone',
      { path: '^src/(calendars|features|models|drift)/' },
      {
        path: '^src/(features|models|evaluation|drift|retraining)/',
        pathNot: '^src/$1/',
      },
      'These four never meet; evaluation and retraining bring them together.',
    ),
    rule(
      'evaluation-leans-on-models-and-features',
      { path: '^src/evaluation/' },
      { path: '^src/(drift|retraining)/' },
    ),

    // Ring 2.
    onlyRooms('log-and-state-stay-low', '^src/(log|state)/', '(core|schemas|log|state)/'),
    rule('log-never-knows-state', { path: '^src/log/' }, { path: '^src/state/' }),
    rule(
      'state-knows-only-the-log-port',
      { path: '^src/state/' },
      { path: '^src/log/(kafka|embedded|memory|remote)/' },
    ),

    // Ring 3.
    rule(
      'adapters-are-wired-in-cli',
      { path: '^src/', pathNot: ['^src/cli/', ADAPTER] },
      { path: ADAPTER, pathNot: '^src/schemas/registry/' },
      'Ports everywhere, adapters in the composition root alone.',
    ),
    rule('streams-see-ports-only', { path: '^src/streams/' }, { path: ADAPTER }),
    rule(
      'streams-not-upward',
      { path: '^src/streams/' },
      {
        path: '^src/(telemetry|ingestion|online|serving|dashboard|config|cli)/',
      },
      'The engine tells of itself through a port (streams/metrics.ts).',
    ),
    rule(
      'topologies-do-not-meet',
      { path: '^src/streams/topologies/([^/.]+)' },
      { path: '^src/streams/topologies/', pathNot: '^src/streams/topologies/$1' },
      'Topologies share topics, never code of each other.',
    ),

    // Ring 4 and the rooms beside the engine.
    rule(
      'telemetry-knows-ports-only',
      { path: '^src/telemetry/' },
      {
        path: '^src/(ingestion|online|serving|dashboard|config|cli|streams/topologies)/',
      },
    ),
    rule(
      'online-is-a-view',
      { path: '^src/online/' },
      { path: '^src/(telemetry|ingestion|serving|dashboard|config|cli)/' },
      'The online store holds what topics say; it serves nobody by name.',
    ),
    rule(
      'registry-is-a-fold',
      { path: '^src/registry/' },
      {
        path: '^src/(streams|telemetry|ingestion|online|serving|dashboard|config|cli)/',
      },
    ),
    rule(
      'ingestion-only-appends',
      { path: '^src/ingestion/' },
      {
        path: '^src/(streams|state|registry|online|serving|dashboard|config|cli)/',
      },
      'A way in appends raw events; what they mean is decided in the ingest topology.',
    ),
    rule(
      'serving-only-reads',
      { path: '^src/serving/' },
      { path: '^src/(state|dashboard|cli)/' },
      'Serving answers from the online view; the state of a task is not its business.',
    ),
    onlyRooms('dashboard-knows-responses', '^src/dashboard/', '(core|schemas|serving|dashboard)/'),
    rule(
      'config-wires-nothing',
      { path: '^src/config/' },
      { path: '^src/(telemetry|ingestion|online|serving|dashboard|cli)/' },
    ),
    rule('cli-is-the-top', { path: '^src/', pathNot: '^src/cli/' }, { path: '^src/cli/' }),

    // One door for each library.
    onlyIn('rxjs', 'rxjs', '^(src/streams|test)/'),
    onlyIn('kafkajs', 'kafkajs', '^(src/log/kafka|test)/'),
    onlyIn('classic-level', 'classic-level', '^(src/state/level|src/log/embedded|test)/'),
    onlyIn('onnxruntime-node', 'onnxruntime-(node|common)', '^(src/models/onnx|test)/'),
    onlyIn('prom-client', 'prom-client', '^(src/telemetry|test)/'),
    onlyIn('avro', '(avsc|@kafkajs/confluent-schema-registry)', '^(src/schemas|scripts|test)/'),
    onlyIn('fastify', '(fastify|@fastify/[^/]+)', '^(src/serving|src/dashboard|test)/'),
    onlyIn('commander', 'commander', '^(src/cli|test|benchmarks)/'),
    onlyIn('yaml', 'yaml', '^(src/config|test)/'),
    onlyIn('pino', 'pino', '^(src/telemetry|test)/'),
    onlyIn('date-holidays', 'date-holidays', '^(src/calendars|scripts|test)/'),
  ],
  options: {
    tsConfig: { fileName: path.join(__dirname, 'tsconfig.json') },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Anchored: an unanchored `dist` would drop node_modules/rxjs/dist too and open every door in silence.
    exclude: { path: '^(dist|build|src/dashboard/(assets|backtest-page))/' },
  },
};
