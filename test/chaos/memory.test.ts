import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { tidecast, TidecastProcess } from '../support/tidecast-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const AIRPORTS = new Set(['ATL', 'ORD', 'SEA', 'BNA', 'SMF', 'HNL', 'ANC', 'BOI', 'JFK', 'TYS']);
const EVENTS_MIN = 400_000;
const ROLES = ['--roles', 'ingest,forecasting,monitoring,summary,api'];
/** Twice what is alive at a time: a run that kept what it has read would not end in it. */
const HEAP_MIB_MAX = 160;
const GROWTH_MAX = 1.25;
const LOOK_MS = 50;

interface Sight {
  /** Records that forecasting had read. */
  readonly read: number;
  readonly mib: number;
}

const readIn = (metrics: string): number =>
  metrics
    .split('\n')
    .filter((line) => /^tidecast_task_records_total{.*topology="forecasting"/.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);

/** Looks at a run until it ends. */
const watched = async (run: TidecastProcess): Promise<readonly Sight[]> => {
  await run.says(/^tidecast is on \S+$/m);
  const [, address] = /^tidecast is on (\S+)$/m.exec(run.said) ?? [];
  const sights: Sight[] = [];
  for (;;) {
    const metrics = await fetch(`${address}/metrics`).then(
      (answer) => answer.text(),
      () => undefined,
    );
    const mib = run.residentMiB();
    if (metrics === undefined || mib === undefined) return sights;
    sights.push({ read: readIn(metrics), mib });
    await wait(LOOK_MS);
  }
};

/** The most that was resident up to a share of all that was read. */
const greatestTo = (sights: readonly Sight[], share: number): number => {
  const all = sights.at(-1)?.read ?? 0;
  return Math.max(...sights.filter(({ read }) => read <= share * all).map(({ mib }) => mib));
};

it('takes no more memory the longer it runs', { timeout: 180_000 }, async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'tidecast.yaml'), departuresConfig({ from: '2001-02-05' }));
  const file = join(folder, 'flights.jsonl');
  const { events } = await writeFlights(file, AIRPORTS, { toMs: Date.UTC(2001, 5, 30) });
  expect(events).toBeGreaterThan(EVENTS_MIN);
  await tidecast(folder, 'produce', 'flights.jsonl', '--topic', 'flights');
  const args = ['run', '--until-idle', ...ROLES];
  const run = new TidecastProcess(args, folder, { heapMiBMax: HEAP_MIB_MAX });
  const sights = await watched(run);
  const { code, err } = await run.ended;
  expect(code, err).toBe(0);
  const [half, whole] = [greatestTo(sights, 0.5), greatestTo(sights, 1)];
  const said = `${sights[0]?.mib} MiB at the start, ${half} at half, ${whole} at the end`;
  expect(whole, said).toBeLessThan(half * GROWTH_MAX);
});
