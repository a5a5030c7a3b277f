import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensembleValue, type TreeEnsemble } from '../../src/models/trees/tree-ensemble.ts';
import {
  boost,
  BOOST_DEFAULTS,
  SAMPLES_ENOUGH,
  TREES_A_DRAW,
} from '../../src/retraining/trainers/gbdt/gbdt-fit.ts';
import { BINS_MAX } from '../../src/retraining/trainers/gbdt/bins.ts';
import { samplesOf } from '../../src/retraining/trainers/gbdt/samples.ts';
import {
  divide,
  TARGET,
  visitMatrix,
  writeMatrix,
  type Divided,
  type Table,
} from './tree-matrix.ts';

/** What runs is compiled, and lies in a folder of its own. */
const PACKAGE = join(import.meta.dirname, '..', '..', '..');

/** What docs/accuracy.md has figures of. */
const TABLES: readonly Table[] = [
  { file: 'flights.csv', frequency: '1h', timeZone: 'UTC', holidays: 'US' },
  { file: 'rentals.csv', frequency: '1h', timeZone: 'UTC', holidays: 'US-DC' },
  { file: 'demand.csv', frequency: '30m', timeZone: 'Australia/Melbourne', holidays: 'AU-VIC' },
];

/** Errors of one ensemble differ by hundredths from seed to seed: of so many it is the mean. */
const SEEDS = 6;

/** How long it took, in seconds of one core, and how far off it was in units of the scale. */
interface Trained {
  /** To put the inputs into bins; ours reads the series again and computes the features for it. */
  readonly binned: number;
  /** Of one ensemble. */
  readonly boosted: number;
  readonly error: number;
}

const seconds = <T>(work: () => T): readonly [T, number] => {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
};

const errorOf = (ensemble: TreeEnsemble, { heldOut, readsYear }: Divided): number => {
  let [sum, count] = [0, 0];
  visitMatrix(heldOut, { readsYear, enough: SAMPLES_ENOUGH }, (inputs, target) => {
    sum += Math.abs(ensembleValue(ensemble, inputs, 0) - target);
    count += 1;
  });
  return sum / count;
};

const ours = (divided: Divided): Trained => {
  const [samples, binned] = seconds(() => samplesOf(divided.learnt, { enough: SAMPLES_ENOUGH }));
  let [boosted, error] = [0, 0];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const grow = () => boost(samples, { target: TARGET, seed: String(seed) });
    const [{ ensemble }, taken] = seconds(grow);
    boosted += taken / SEEDS;
    error += errorOf(ensemble, divided) / SEEDS;
  }
  return { binned, boosted, error };
};

/** The same in Python, on the same matrix and with the same settings. */
const lightgbm = (python: string, folder: string): Trained => {
  const script = join(PACKAGE, 'scripts', 'accuracy', 'lightgbm_trees.py');
  const more = { bins: BINS_MAX, treesADraw: TREES_A_DRAW, seeds: SEEDS };
  const options = JSON.stringify({ ...BOOST_DEFAULTS, ...more });
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  const out = execFileSync(python, [script, folder, options], { encoding: 'utf8', env });
  // What the script prints.
  return JSON.parse(out) as Trained;
};

const compare = async (table: Table, python: string): Promise<void> => {
  const divided = await divide(table);
  const { learnt, heldOut, readsYear } = divided;
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-trees-'));
  try {
    const options = { readsYear, enough: SAMPLES_ENOUGH };
    const samples = writeMatrix(join(folder, 'learnt'), learnt, options);
    const held = writeMatrix(join(folder, 'held-out'), heldOut, options);
    const [one, other] = [ours(divided), lightgbm(python, folder)];
    console.log(`${table.file}: ${samples} samples, ${held} held out`);
    console.log(`  tidecast  ${inWords(one)}`);
    console.log(`  LightGBM  ${inWords(other)}`);
    const time = (one.boosted + one.binned) / (other.boosted + other.binned);
    const boosting = (one.boosted / other.boosted).toFixed(2);
    const error = (one.error / other.error).toFixed(4);
    console.log(`  ratio     time ${time.toFixed(2)} (boosting ${boosting}), error ${error}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const inWords = ({ binned, boosted, error }: Trained): string =>
  `bins ${binned.toFixed(1)} s, trees ${boosted.toFixed(1)} s, error ${error.toFixed(4)}`;

const [prepared, python = 'python3', only] = process.argv.slice(2);
if (prepared === undefined) {
  console.error('usage: npm run accuracy:trees -- PREPARED_FOLDER [PYTHON [FILE]]');
  process.exit(2);
}
console.log(`${cpus()[0]?.model ?? '?'}, ${availableParallelism()} cores, Node ${process.version}`);
for (const table of TABLES.filter(({ file }) => only === undefined || file === only)) {
  await compare({ ...table, file: join(prepared, table.file) }, python);
}
