import { parseArgs } from 'node:util';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../../scripts/kafka/versions.ts';
import { seededRandom } from '../../src/core/random.ts';
import { version } from '../../src/cli/version.ts';
import { countIn } from '../support/topic-contents.ts';
import { Ground } from './ground.ts';
import { storm, type Round } from './storm.ts';

const USAGE = `npm run prove:exactly-once -- --kills 1000 [--seed TEXT]

Starts Kafka and a registry, feeds flights, and kills workers by SIGKILL at random instants, half of
them with their disk lost, some beside a live rival. After every round of kills the application is
run to its end and compared with a calm run: all topics and the state, record for record; no source
offset lost or used twice; each commit one after the one before. Ends with 1 when anything differs.
`;

/** In how many parts the events of a round are fed: one kill each. */
const KILLS_A_ROUND = 20;

const line = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const say = ({ name, kills, wiped, open, early, hasRival, verdict }: Round): void => {
  const beside = hasRival ? 'beside a rival' : 'alone';
  const found = verdict === undefined ? 'equal' : `DIFFERS: ${verdict}`;
  line(
    `${name}  ${kills} kills ${beside}, ${wiped} with the disk lost, ${open} within a ` +
      `transaction, ${early} before any task: ${found}`,
  );
};

const totalOf = (rounds: readonly Round[], of: (round: Round) => number): number =>
  rounds.reduce((all, round) => all + of(round), 0);

const prove = async (kills: number, seed: string): Promise<boolean> => {
  const began = new Date();
  const minutes = (): string => ((Date.now() - began.getTime()) / 60_000).toFixed(0);
  line(`tidecast ${version()} on Node ${process.versions.node}`);
  line(`Kafka ${KAFKA_VERSION}, Apicurio ${REGISTRY_VERSION}`);
  line(`${began.toISOString().slice(0, 10)}, ${kills} kills, seed ${seed}`);
  const ground = await Ground.start({ brokers: 1, slices: KILLS_A_ROUND });
  try {
    line(`a calm run: ${countIn(ground.calm.contents)} records`);
    const rounds = await storm(ground, { kills, random: seededRandom(seed), onRound: say });
    const different = rounds.filter(({ verdict }) => verdict !== undefined).length;
    const all = (of: (round: Round) => number): number => totalOf(rounds, of);
    const killed = all((round) => round.kills);
    const [wiped, open] = [all((round) => round.wiped), all((round) => round.open)];
    line(
      `${killed} kills in ${rounds.length} rounds and ${minutes()} minutes, ${wiped} with the ` +
        `disk lost, ${open} within a transaction: ${different} rounds differ`,
    );
    return different === 0;
  } finally {
    await ground.close();
  }
};

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: 'storm' },
    help: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
if (values.help || !Number.isInteger(kills) || kills < 1) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  process.exitCode = (await prove(kills, values.seed)) ? 0 : 1;
}
