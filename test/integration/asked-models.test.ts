import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision, ModelAdopted } from '../../src/schemas/decision.ts';
import type { Forecast } from '../../src/schemas/forecast.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { tidecast, TidecastProcess } from '../support/tidecast-process.ts';

const AIRPORTS = new Set(['BOI', 'TYS', 'ANC', 'GEG', 'OMA', 'SMF']);
const UNTIL = Date.UTC(2001, 2, 12);
const MORE_UNTIL = Date.UTC(2001, 2, 13);
const PARTITIONS = 4;
/** Nothing asks by itself: what comes here comes because a person asked. */
const ROLES = ['--roles', 'ingest,forecasting,monitoring,summary,training,api'];

const CONFIG = departuresConfig({
  from: '2001-03-09',
  stream: ['retraining: { trainingWindowDays: 120 }'],
});

interface Version {
  readonly version: string;
  readonly sha256: string;
  readonly role: string;
}

describe('a model that people ask for beside a run', () => {
  let folder = '';
  let running: TidecastProcess;

  const lines = async <T>(...args: readonly string[]): Promise<readonly T[]> =>
    (await tidecast(folder, ...args, '--json'))
      .split('\n')
      .filter((line) => line !== '')
      // One object a line, by the contract of each command.
      .map((line) => JSON.parse(line) as T);

  const champion = async (): Promise<Version | undefined> =>
    (await lines<Version>('models', 'list')).find(({ role }) => role === 'champion');

  const adopted = async (): Promise<readonly ModelAdopted[]> =>
    (await lines<{ type: string; value: Decision }>('topics', 'read', 'departures.decisions'))
      .filter(({ type }) => type === 'ModelAdopted')
      // By the type beside it.
      .map(({ value }) => value as ModelAdopted)
      .filter(({ role }) => role === 'champion');

  /** Looks again and again, as a person would; each look is a process. */
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    for (let look = 0; !(await holds()); look += 1) {
      if (look > 30) throw new Error(`it never came to that; the run said ${running.said}`);
    }
  };

  const untilServes = (sha256: string): Promise<void> =>
    until(async () => (await champion())?.sha256 === sha256);

  const trained = async (...args: readonly string[]): Promise<ModelEvent> => {
    const [, answer] = await lines<ModelEvent>('train', '--wait', ...args);
    if (answer === undefined) throw new Error('the training was not answered');
    return answer;
  };

  /** Whatever the gate said: of so few days it says no now and then. */
  const promote = ({ version }: ModelEvent, ...args: readonly string[]): Promise<string> =>
    tidecast(folder, 'models', 'promote', `departures@${version}`, '--force', ...args);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    await writeFile(join(folder, 'tidecast.yaml'), CONFIG);
    await writeFlights(join(folder, 'flights.jsonl'), AIRPORTS, { toMs: UNTIL });
    await writeFlights(join(folder, 'more.jsonl'), AIRPORTS, { fromMs: UNTIL, toMs: MORE_UNTIL });
    await tidecast(folder, 'produce', 'flights.jsonl', '--topic', 'flights');
    await tidecast(folder, 'run', ...ROLES, '--until-idle');
    running = new TidecastProcess(['run', ...ROLES], folder);
    await running.says(/tidecast is on http/);
  }, 120_000);

  afterAll(async () => {
    running.kill('SIGKILL');
    await running.ended;
    await rm(folder, { recursive: true, force: true });
  });

  it('is trained, promoted, replaced, brought back, and serves from the next period', async () => {
    const first = await trained();
    const second = await trained('--window-days', '40');
    expect(first.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(second.sha256).not.toBe(first.sha256);
    expect((await lines('models', 'list')).length).toBe(2);

    if ((await champion())?.sha256 !== first.sha256) {
      await promote(first);
      await untilServes(first.sha256);
    }
    await promote(second, '--note', 'seen');
    await untilServes(second.sha256);
    await tidecast(folder, 'models', 'rollback', 'departures');
    await untilServes(first.sha256);

    await until(async () => {
      const last = new Map((await adopted()).map((one) => [one.task, one.model?.sha256]));
      const isBack = [...last.values()].every((sha256) => sha256 === first.sha256);
      return last.size === PARTITIONS && isBack;
    });
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const own = (await adopted()).filter(({ task }) => task === `forecasting.${partition}`);
      expect(own.map(({ model }) => model?.sha256).slice(-3)).toEqual([
        first.sha256,
        second.sha256,
        first.sha256,
      ]);
      // The last period before the events that come now is still open.
      expect(own.at(-1)?.effectiveFrom).toBeGreaterThanOrEqual(UNTIL - 2 * 3_600_000);
    }

    await tidecast(folder, 'produce', 'more.jsonl', '--topic', 'flights');
    running.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    await tidecast(folder, 'run', ...ROLES, '--until-idle');
    const forecasts = await lines<{ value: Forecast }>('topics', 'read', 'departures.forecasts');
    const after = forecasts.filter(({ value }) => value.origin >= UNTIL);
    expect(after.length).toBeGreaterThan(100);
    expect(new Set(after.map(({ value }) => value.model.sha256))).toEqual(new Set([first.sha256]));
  }, 180_000);
});
