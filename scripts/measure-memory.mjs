/* global fetch */
// How much memory a run takes on the way through all flights until a day: `npm run build`, then
// `npx tsx scripts/measure-memory.mjs 2001-06-01`, with the day of the first forecast and the roles
// behind it if others are wanted. Prints the resident set by the share of the input.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { flightEvents } from '../dist/ingestion/flights.js';
import { departuresConfig } from '../test/support/departures-config.ts';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 1];
const LOOK_MS = 200;

const writeEvents = async (file, toMs) => {
  const out = createWriteStream(file);
  let events = 0;
  for await (const batch of flightEvents({ toMs })) {
    events += batch.length;
    const text = `${batch.map(({ json }) => json).join('\n')}\n`;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return events;
};

/** Megabytes of the process that lie in memory. */
const residentOf = async (pid) => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
};

/** Records that the tasks of a topology have read. */
const readBy = (metrics, topology) =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith('tidecast_task_records_total{'))
    .filter((line) => line.includes(`topology="${topology}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);

/** Where a run listens, which it says in a line among those of its log. */
const addressOf = async (run) => {
  run.stderr.pipe(process.stderr);
  for (let said = ''; ;) {
    const [text] = await once(run.stderr, 'data');
    said += text;
    const [, address] = /^tidecast is on (\S+)\n/m.exec(said) ?? [];
    if (address !== undefined) return address;
  }
};

const followed = async (run, address, events) => {
  const left = [...SHARES];
  let greatest = 0;
  let last = Number.NaN;
  while (run.exitCode === null) {
    const resident = await residentOf(run.pid);
    if (!Number.isNaN(resident)) last = resident;
    greatest = Math.max(greatest, last);
    const metrics = await fetch(`${address}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    const share = readBy(metrics, 'ingest') / events;
    while (left.length > 0 && share >= left[0]) {
      console.log(`${Math.round(100 * left[0])} % of ${events} events: ${last} MB resident`);
      left.shift();
    }
    await wait(LOOK_MS);
  }
  console.log(`at the end: ${last} MB, greatest: ${greatest} MB, exit code ${run.exitCode}`);
};

const folder = await mkdtemp(join(tmpdir(), 'tidecast-memory-'));
try {
  const [until = '2001-06-01', from = '2001-05-02', roles] = process.argv.slice(2);
  const toMs = Date.parse(until);
  await writeFile(join(folder, 'tidecast.yaml'), departuresConfig({ from }));
  const events = await writeEvents(join(folder, 'flights.jsonl'), toMs);
  const produce = [MAIN, 'produce', 'flights.jsonl', '--topic', 'flights'];
  spawnSync(process.execPath, produce, { cwd: folder, stdio: 'inherit' });
  const only = roles === undefined ? [] : ['--roles', roles];
  const run = spawn(process.execPath, [MAIN, 'run', '--until-idle', ...only], { cwd: folder });
  await followed(run, await addressOf(run), events);
} finally {
  await rm(folder, { recursive: true, force: true });
}
