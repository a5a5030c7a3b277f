import Type from 'typebox';
import { choice, count, name, optionalSection, section, text } from './keys.ts';

export const clock = optionalSection(
  {
    start: text('instant-or-now', {
      default: 'now',
      description: 'Where the clock begins: `now`, or a time at which a replay or a demo starts.',
    }),
    speed: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1_000_000,
      default: 1,
      description: 'How many seconds pass on this clock in one real second.',
    }),
  },
  'The clock of everything that needs the wall time. Results depend on event time alone.',
);

const registryAuth = section(
  {
    username: name({ description: 'The user.' }),
    password: Type.Optional(
      name({
        description:
          'The password; better in `TIDECAST_KAFKA_REGISTRY_AUTH_PASSWORD`, or in a file of its ' +
          'own.',
        otherwise: 'that of `passwordFile`',
      }),
    ),
    passwordFile: Type.Optional(
      name({
        description: 'File that holds the password and nothing else, such as a mounted secret.',
        otherwise: '`password` has it',
      }),
    ),
  },
  { description: 'Basic authentication at the schema registry; none when it is left out.' },
);

const registrySsl = section(
  {
    ca: Type.Optional(name({ description: 'File with the authority, PEM.' })),
    cert: Type.Optional(name({ description: 'File with the certificate, PEM.' })),
    key: Type.Optional(name({ description: 'File with the private key, PEM.' })),
  },
  {
    description:
      'Files of a private authority or of a client, where `registry` begins with `https:`.',
  },
);

const broker = Type.String({
  pattern: String.raw`^[^\s/]+:\d{1,5}$`,
  description: 'The address of a broker, `host:port`.',
});

export const kafka = optionalSection(
  {
    brokers: Type.Array(broker, {
      minItems: 1,
      default: ['127.0.0.1:9092'],
      description: 'Brokers to begin with, each `host:port`.',
    }),
    registry: Type.String({
      format: 'uri',
      default: 'http://127.0.0.1:8081',
      description: 'Address of the Confluent schema registry, `http` or `https`.',
    }),
    registryAuth: Type.Optional(registryAuth),
    registrySsl: Type.Optional(registrySsl),
    topicPrefix: Type.String({
      pattern: '^[A-Za-z0-9._-]*$',
      default: '',
      description:
        'Goes before every topic of tidecast, changelogs included, never before that of a source.',
    }),
    partitions: count({
      maximum: 1_000,
      default: 4,
      description:
        'Partitions of each topic of tidecast, on the embedded log too. Fix it at the beginning: ' +
        'another count puts series elsewhere and is refused.',
    }),
    replicas: Type.Optional(
      count({
        maximum: 32_767,
        description: 'On how many brokers each topic of tidecast lies.',
        otherwise: "the brokers' own `default.replication.factor`",
      }),
    ),
    inSyncReplicas: Type.Optional(
      count({
        maximum: 32_767,
        description: 'How many of them must have a record before it counts.',
        otherwise: '2 of three and more, else 1',
      }),
    ),
    createTopics: Type.Boolean({
      default: true,
      description:
        'Whether `run` creates the topics of a stream that has none yet. `false`: only ' +
        '`tidecast topics create` does. On the embedded log `run` always creates what is missing.',
    }),
    sessionTimeoutMs: count({
      maximum: 1_800_000,
      default: 10_000,
      description:
        'Silence after which a worker counts as dead and its tasks go to others. Brokers take 6 ' +
        'seconds to 30 minutes where nothing else is said.',
    }),
    transactionTimeoutMs: count({
      maximum: 900_000,
      default: 10_000,
      description:
        'Age at which a broker aborts a transaction that nobody ended. What a dead worker left ' +
        'open holds readers up for so long, unless its task is taken over before.',
    }),
    ssl: Type.Union(
      [
        Type.Boolean(),
        section(
          {
            ca: Type.Optional(name({ description: 'File with the authority, PEM.' })),
            cert: Type.Optional(name({ description: 'File with the certificate, PEM.' })),
            key: Type.Optional(name({ description: 'File with the private key, PEM.' })),
          },
          { description: 'Files of a private authority or of a client.' },
        ),
      ],
      { default: false, description: 'TLS: `true`, or the files of a private authority.' },
    ),
    sasl: Type.Optional(
      section(
        {
          mechanism: choice(['plain', 'scram-sha-256', 'scram-sha-512'], {
            description: 'How the broker authenticates.',
          }),
          username: name({ description: 'The user.' }),
          password: Type.Optional(
            name({
              description:
                'The password; better in `TIDECAST_KAFKA_SASL_PASSWORD`, or in a file of its own.',
              otherwise: 'that of `passwordFile`',
            }),
          ),
          passwordFile: Type.Optional(
            name({
              description:
                'File that holds the password and nothing else, such as a mounted secret.',
              otherwise: '`password` has it',
            }),
          ),
        },
        { description: 'Authentication at the brokers; none when it is left out.' },
      ),
    ),
  },
  'Kafka, when `log` is `kafka`; `topicPrefix` and `partitions` hold for the embedded log too.',
);

/** A header carries no other characters, and ends a token at a space. */
export const TOKEN_SECRET = String.raw`^[\x21-\x7e]{16,}$`;

const token = section(
  {
    name: name({
      description: 'Whose it is: the access log names it.',
    }),
    secret: Type.Optional(
      Type.String({
        pattern: TOKEN_SECRET,
        description:
          'What the caller sends as bearer token: at least 16 characters, ASCII without spaces.',
        otherwise: 'that of `secretFile`',
      }),
    ),
    secretFile: Type.Optional(
      name({
        description: 'File that holds the secret and nothing else, such as a mounted secret.',
        otherwise: '`secret` has it',
      }),
    ),
    scope: choice(['read', 'write', 'promote'], {
      default: 'read',
      description:
        '`write` may also append observations, `promote` may also decide about models: neither ' +
        'is in effect yet, and each may do what `read` may.',
      notInEffect: ['write', 'promote'],
    }),
  },
  { description: 'One caller.' },
);

export const http = optionalSection(
  {
    host: name({ default: '127.0.0.1', description: 'Address to listen on.' }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      default: 8000,
      description: 'Port to listen on; 0 takes any free one and prints it.',
    }),
    readyLagRecords: Type.Optional(
      count({
        description:
          'With a task further behind than this, in records of its sources, `/readyz` says that ' +
          'requests should go elsewhere.',
        otherwise: 'however far behind, answers are given',
      }),
    ),
    tokens: Type.Array(token, {
      default: [],
      description: 'Who may call. Without any, everyone who reaches the port may read everything.',
    }),
  },
  'The HTTP API and the dashboard.',
);

export const logging = optionalSection(
  {
    level: choice(['debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      description:
        'The least severity that is written. `info`: start and stop, tasks that take their ' +
        'partitions, models, drift and requests; `warn`: rejected models, refused records ' +
        '(counted, a line in ten seconds), failures of tasks and alerts; `debug` adds the access ' +
        'log, a line for each request.',
    }),
  },
  'Structured logs on stderr, one JSON object a line in the words of the Elastic Common Schema.',
);
