import type { Config } from '../../config/config.ts';
import { overriddenYaml } from '../../config/overridden.ts';
import { configOf } from '../command-options.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { isoTime } from '../print.ts';

/** Where the demo's present begins; the flights before it are its history. */
export const LIVE_FROM_MS = Date.UTC(2001, 4, 29);

/**
 * What `tidecast demo` runs: hourly departures of every US airport, an hour a second. A partition
 * that hears nothing at night is not idle: it waits for the morning. Of the models, the linear one
 * is trained while one watches.
 */
const DEMO_YAML = `
application: tidecast
log: embedded
data: ./data/demo
logging: { level: warn }
http: { port: 8000 }
clock: { start: 2001-05-29T00:00:00Z, speed: 3600 }
streams:
  departures:
    source: { topic: flights, format: json, series: origin, time: date }
    frequency: 1h
    timeZone: UTC
    holidays: US
    aggregate: count
    grace: 10m
    idleAfter: 6h
    seasons: [24, 168]
    forecast: { horizon: 24, levels: [80, 95], from: 2001-05-15T00:00:00Z }
    model: { trainer: ridge }
    monitoring: { wapePercent: 35 }
    retraining: { everyDays: 7, trainingWindowDays: 120 }
`;

export interface DemoOptions {
  /** true: begin again with an empty folder. */
  readonly fresh?: boolean;
  readonly port?: number;
  /** Seconds of the demo's clock in a real one. */
  readonly speed?: number;
  readonly data?: string;
  /** `path=value` each; the options above win over them. */
  readonly set?: readonly string[];
}

/** The demo's own configuration, with what the call and the environment change of it. */
export const demoConfig = (io: Io, options: DemoOptions): Config => {
  const { port, speed, data } = options;
  // A file that is meant for `tidecast run` is no file of the demo.
  const env = { ...io.env, TIDECAST_CONFIG: undefined };
  const set = [
    ...(options.set ?? []),
    ...(port === undefined ? [] : [`http.port=${port}`]),
    ...(speed === undefined ? [] : [`clock.speed=${speed}`]),
    ...(data === undefined ? [] : [`data=${data}`]),
  ];
  const config = configOf({ ...io, env }, { set }, DEMO_YAML);
  if (config.clock.startMs === LIVE_FROM_MS) return config;
  throw new CliError(
    'USAGE',
    `clock.start cannot be set: the demo begins at ${isoTime(LIVE_FROM_MS)}, and goes on later ` +
      'where it was; leave it out',
  );
};

/**
 * The configuration as a file for other commands, which then see the demo's folder and stream as
 * the call has them.
 */
export const demoFile = ({ data, http, clock }: Config, { set = [] }: DemoOptions): string => {
  const place = [`data=${data}`, `http.port=${http.port}`, `clock.speed=${clock.speed}`];
  const yaml = overriddenYaml(DEMO_YAML, [...set, ...place]);
  return `# Written by \`tidecast demo\`, for other commands beside it.\n${yaml}`;
};
