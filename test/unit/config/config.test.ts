import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, type Config } from '../../../src/config/config.ts';
import { ConfigError } from '../../../src/config/errors.ts';
import { ROOT } from '../../support/repository.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const load = (builtIn: string, overrides: readonly string[] = []): Config =>
  loadConfig({ builtIn, env: {}, overrides });

const SOURCE = 'source: { topic: sales, series: store, time: day, value: amount }';

const streamOf = (keys: string): string => `streams:\n  sales:\n    ${SOURCE}\n    ${keys}\n`;

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('nothing was refused');
};

describe('loadConfig', () => {
  it('fills in defaults when there is nothing to read', () => {
    const config = load('');
    expect(config).toMatchObject({
      application: 'tidecast',
      log: 'embedded',
      clock: { startMs: undefined, speed: 1 },
      kafka: { partitions: 4, topicPrefix: '', ssl: false },
      http: { host: '127.0.0.1', port: 8000, tokens: [] },
      limits: { commitIntervalMs: 100, batchRecordsMax: 4_000, stateFlushMs: 30_000 },
      streams: [],
    });
    expect(config.data).toMatch(/^\/.*\/data$/);
  });

  it('accepts the example beside the README', () => {
    const { streams } = loadConfig({ file: join(ROOT, 'tidecast.example.yaml'), env: {} });
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({
      name: 'departures',
      isDefault: true,
      graceMs: 600_000,
      periodMs: 3_600_000,
      seasons: [24, 168],
      forecast: { horizon: 24, levels: [80, 95], fromMs: Date.UTC(2001, 4, 15) },
      monitoring: { wapePercent: 30, mapePercent: undefined },
    });
  });

  it('judges on a quarter of the training window at most', () => {
    const judged = (keys: string) => {
      const [stream] = load(streamOf(keys)).streams;
      return [stream?.retraining.trainingWindowDays, stream?.retraining.judgeDays];
    };
    expect(judged('frequency: 1h')).toEqual([365, 28]);
    expect(judged('frequency: 1d')).toEqual([365, 56]);
    expect(judged('frequency: 1w')).toEqual([3_650, 912]);
    expect(judged('frequency: 1mo')).toEqual([7_300, 1_825]);
    const window = 'frequency: 1h\n    retraining: { trainingWindowDays: 90';
    expect(judged(`${window} }`)).toEqual([90, 22]);
    expect(judged(`${window}, judgeDays: 20 }`)).toEqual([90, 20]);
    expect(messageOf(() => load(streamOf(`${window}, judgeDays: 23 }`)))).toContain(
      'must be at most 22, a quarter of `trainingWindowDays`, which is 90',
    );
  });

  it('gives a daily stream the daily features and an hourly one those of hours', () => {
    const [daily] = load(streamOf('frequency: 1d')).streams;
    expect(daily?.features).toEqual({
      publish: true,
      lags: [1, 7, 14, 28, 365],
      rolling: { windows: [7, 14, 28], statistics: ['mean', 'std', 'min', 'max'] },
      calendar: ['hour', 'dayofweek', 'month', 'is_weekend', 'is_holiday'],
    });
    expect(daily).toMatchObject({ seasons: [7], forecast: { horizon: 7 }, graceMs: 3_600_000 });
    const [hourly] = load(streamOf('frequency: 1h')).streams;
    expect(hourly?.features.lags).toEqual([1, 2, 3, 24, 48, 168, 336, 504, 672]);
    expect(hourly).toMatchObject({ seasons: [24, 168], forecast: { horizon: 24 } });
  });

  it.each(['1m', '5m', '15m', '30m', '1h', '6h', '12h', '1d', '3d', '1w', '2w', '1mo', '3mo'])(
    'has defaults that fit each other for %s',
    (frequency) => {
      const [stream] = load(streamOf(`frequency: ${frequency}`)).streams;
      expect(stream?.forecast.horizon).toBeGreaterThan(0);
      expect(stream?.features.lags.length).toBeGreaterThan(2);
      expect(stream?.graceMs).toBeLessThan(stream?.periodMs ?? 0);
    },
  );

  it('watches MAPE unless another measure of error is named', () => {
    const thresholds = (keys: string) => load(streamOf(keys)).streams[0]?.monitoring.mapePercent;
    expect(thresholds('frequency: 1d')).toBe(15);
    expect(thresholds('frequency: 1d\n    monitoring: { wapePercent: 20 }')).toBeUndefined();
    expect(thresholds('frequency: 1d\n    monitoring: { skill: 0, mapePercent: 9 }')).toBe(9);
  });

  it('names attributes by the last part of their path, or as told', () => {
    const attributes = (text: string) =>
      load(streamOf('frequency: 1d').replace('amount }', `amount, attributes: ${text} }`))
        .streams[0]?.source.attributes;
    expect(attributes('[store.region, tz]')).toEqual({ region: 'store.region', tz: 'tz' });
    expect(attributes('{ area: store.region }')).toEqual({ area: 'store.region' });
  });

  it('cannot be changed afterwards', () => {
    const config = load(streamOf('frequency: 1d'));
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.streams[0]?.features.lags)).toBe(true);
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  });

  it('reads the file that is named, and says so when there is none', async () => {
    const file = join(await temporaryFolder(), 'mine.yaml');
    await writeFile(file, 'http: { port: 9001 }\n');
    expect(loadConfig({ file, env: {} })).toMatchObject({ file, http: { port: 9001 } });
    expect(loadConfig({ env: { TIDECAST_CONFIG: file } }).http.port).toBe(9001);
    expect(messageOf(() => loadConfig({ file: `${file}.gone`, env: {} }))).toMatch(
      /mine\.yaml\.gone cannot be read: name an existing file/,
    );
  });

  it('lets the environment win over the file and flags win over both', () => {
    const builtIn = streamOf('frequency: 1d\n    grace: 1h');
    const env = { TIDECAST_STREAMS_SALES_GRACE: '2h', TIDECAST_HTTP_PORT: '1', HOME: '/x' };
    const config = loadConfig({ builtIn, env, overrides: ['http.port=2', 'data=7'] });
    expect(config.streams[0]?.graceMs).toBe(7_200_000);
    expect(config.http.port).toBe(2);
    expect(config.data).toMatch(/\/7$/);
  });

  it('reads lists and sections from the environment as YAML, texts as they stand', () => {
    const env = {
      TIDECAST_STREAMS_SALES_SEASONS: '[7, 28]',
      TIDECAST_STREAMS_SALES_TIME_ZONE: '{ attribute: tz }',
      TIDECAST_STREAMS_SALES_SOURCE_TIME_ZONE: 'Europe/Berlin',
      TIDECAST_APPLICATION: 'a1',
    };
    const [stream] = loadConfig({ builtIn: streamOf('frequency: 1d'), env }).streams;
    expect(stream).toMatchObject({ seasons: [7, 28], timeZone: { attribute: 'tz' } });
    expect(stream?.source.timeZone).toBe('Europe/Berlin');
  });

  it('takes the variables of a Kubernetes service of the same name for what they are', () => {
    const env = {
      TIDECAST_PORT: 'tcp://10.0.0.1:8000',
      TIDECAST_PORT_8000_TCP_ADDR: '10.0.0.1',
      TIDECAST_SERVICE_HOST: '10.0.0.1',
      TIDECAST_API_SERVICE_PORT_HTTP: '8000',
    };
    expect(loadConfig({ builtIn: '', env }).http.port).toBe(8000);
  });
});

describe('loadConfig refuses', () => {
  it.each([
    ['applicaton: x', 'applicaton (built-in:1): unknown key (did you mean "application"?)'],
    ['http: { prt: 1 }', 'http.prt (built-in:1): unknown key (did you mean "port"?)'],
    ['\nhttp:\n  port: abc', 'http.port (built-in:3): must be a whole number, is "abc"'],
    ['http: { port: 70000 }', 'http.port (built-in:1): must be <= 65535; is 70000'],
    [
      'http: { tokens: [{ name: a, secret: short }] }',
      'http.tokens.0.secret (built-in:1): "***" does not fit: What the caller sends',
    ],
    [
      'log: kafak',
      'log (built-in:1): must be one of embedded, kafka; is "kafak" (did you mean "kaf',
    ],
    ['kafka: { ssl: { cb: x } }', 'kafka.ssl.cb (built-in:1): unknown key (did you mean "ca"?)'],
    ['kafka: { ssl: "on" }', 'kafka.ssl (built-in:1): "on" does not fit: TLS'],
    ['clock: { start: soon }', 'clock.start (built-in:1): "soon" is no time: write ISO 8601'],
    ['clock: { speed: .nan }', 'clock.speed (built-in:1): must be > 0; is NaN'],
    ['streams: { Sales Now: {} }', 'streams.Sales Now (built-in:1): a name is lower case letters'],
    ['application: [1', 'built-in:1:16 is not YAML'],
    ['- 1', 'built-in holds no keys'],
    ['__proto__: { a: 1 }', '__proto__ (built-in:1): unknown key'],
    [streamOf('frequency: 7m'), 'frequency (built-in:4): "7m" does not divide a day'],
    [streamOf('grace: 5x\n    frequency: 1d'), 'grace (built-in:4): "5x" is no duration'],
    [streamOf('grace: 1mo\n    frequency: 1d'), 'grace (built-in:4): "1mo" has no fixed length'],
    [
      streamOf('timeZone: Mars\n    frequency: 1d'),
      'timeZone (built-in:4): "Mars" is no time zone',
    ],
    [
      streamOf('gracee: 1h\n    frequency: 1d'),
      'gracee (built-in:4): unknown key (did you mean "grace"?)',
    ],
    [streamOf('grace: 1h'), 'streams.sales.frequency (built-in:2): missing: Length of a period'],
    [
      streamOf('frequency: 1d').replace(', value: amount', ''),
      'source.value (built-in:3): missing: `aggregate: none`',
    ],
    [streamOf('frequency: 1d\n    deadAfter: 1h'), 'deadAfter (built-in:5): must be longer than'],
    [
      streamOf('frequency: 1h\n    grace: 100000d'),
      'grace (built-in:5): must be at most 10000 periods',
    ],
    [
      streamOf('frequency: 1d\n    forecast: { levels: [] }'),
      'levels (built-in:5): must have 1 to 10 entries; is []',
    ],
    [
      streamOf('frequency: 1d\n    forecast: { levels: [80, 80] }'),
      'levels (built-in:5): must not name anything twice; is [80,80]',
    ],
    [
      streamOf('frequency: 1d\n    ringPeriods: 30'),
      'ringPeriods (built-in:5): must be at least 366',
    ],
    [
      streamOf('frequency: 1d\n    batch: [{ name: d, at: "06:00", horizon: 30 }]'),
      'batch (built-in:5): "d" has horizon 30, `forecast` only 7',
    ],
  ])('%j', (builtIn, expected) => {
    expect(messageOf(() => load(builtIn))).toContain(expected);
  });

  it.each([
    ['sales.forecasts', 'written by stream sales'],
    ['sales.observations', 'written by stream sales'],
    ['models', 'written by every stream'],
    ['flights.dead-letters', 'written by tidecast itself'],
    ['tidecast.sales.ingest.changelog', 'written by tidecast itself'],
  ])('%s as a source, since it is %s', (topic, written) => {
    const config = streamOf('frequency: 1d').replace('topic: sales', `topic: ${topic}`);
    expect(messageOf(() => load(config))).toContain(
      `streams.sales.source.topic (built-in:3): "${topic}" is ${written}: name the topic`,
    );
  });

  it('no observations that come keyed from elsewhere under their own name', () => {
    const keyed = '{ topic: sales.observations, series: s, time: t, keyed: true }';
    const config = `streams: { sales: { source: ${keyed}, frequency: 1d } }`;
    expect(load(config).streams[0]?.source.topic).toBe('sales.observations');
  });

  it('two default streams, and two streams with one model', () => {
    const two = ['a', 'b'].map(
      (name) => `  ${name}: { ${SOURCE}, frequency: 1d, default: true, model: { name: m } }`,
    );
    const message = messageOf(() => load(`streams:\n${two.join('\n')}`));
    expect(message).toContain('streams.b.default (built-in:3): another stream is the default');
    expect(message).toContain('streams.b.model.name (built-in:3): "m" is the model of stream a');
  });

  it('a wrong secret without repeating it', () => {
    const message = messageOf(() => load('http: { tokens: [{ name: a, secret: hunter2 }] }'));
    expect(message).toContain('http.tokens.0.secret');
    expect(message).not.toContain('hunter2');
  });

  it('everything at once, each on its own line', () => {
    const message = messageOf(() => load('http: { prt: 1 }\nlogg: x\nclock: { speed: 0 }'));
    expect(message.split('\n')).toHaveLength(4);
  });

  it.each([
    [
      { TIDECAST_HTTP_PROT: '1' },
      'TIDECAST_HTTP_PROT: no such key (did you mean "TIDECAST_HTTP_PORT"?)',
    ],
    [{ TIDECAST_HTTP_PORT: 'x' }, 'http.port (TIDECAST_HTTP_PORT): must be a whole number, is "x"'],
    [{ TIDECAST_STREAMS_SALES_GRACE: '1h' }, 'streams must be declared in the file'],
    [{ TIDECAST_HTTP_TOKENS: '[' }, 'TIDECAST_HTTP_TOKENS: cannot be read'],
  ])('the environment %j', (env, expected) => {
    expect(messageOf(() => loadConfig({ builtIn: '', env }))).toContain(expected);
  });

  it.each([
    ['http.prt=3', '--set http.prt: no key "prt" (did you mean "port"?)'],
    ['http.port', '--set http.port: write it as path=value'],
    ['kafka.sasl.password:hunter2', '--set kafka.sasl.password: write it as path=value'],
    ['http.port=x', 'http.port (--set http.port): must be a whole number'],
    ['http=3', 'http (--set http): must be a section, is "***"'],
    ['__proto__.polluted=1', 'no key "__proto__"'],
    ['streams.__proto__.grace=1h', 'no key "__proto__" in streams.__proto__.grace'],
  ])('the flag --set %s', (assignment, expected) => {
    expect(messageOf(() => load('', [assignment]))).toContain(expected);
    expect({}).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('grace');
  });
});
