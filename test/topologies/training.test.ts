import { describe, expect, it } from 'vitest';
import { historyNeeded } from '../../src/evaluation/history.ts';
import { judgingSlice } from '../../src/retraining/judge.ts';
import { featureSchemaHash } from '../../src/schemas/feature-schema.ts';
import { linearForecaster } from '../support/linear-forecaster.ts';
import { memoryArtifactStore } from '../support/memory-artifact-store.ts';
import { modelRecord, promoted, trained } from '../support/retraining-topologies.ts';
import {
  asked,
  benchOf,
  DAY,
  END,
  eventsIn,
  HOUR,
  NOW,
  panelOf,
  R1,
  R2,
  R3,
  schema,
  served,
  wish,
} from '../support/training-bench.ts';

const never = (): never => {
  throw new Error('nothing was trained');
};

describe('training', () => {
  it('promotes one although hours of all series are missing', async () => {
    const gapped = panelOf();
    const { to } = judgingSlice(schema, { toPeriod: END / HOUR });
    for (const { firstPeriod, values } of gapped.series) {
      for (let hour = to - 200; hour < to - 150; hour += 1) values[hour - firstPeriod] = Number.NaN;
    }
    const { driver } = benchOf({ history: async () => gapped });
    const [, decided] = eventsIn(await driver.feed([asked(R1)]));
    expect(decided?.type).toBe('ModelPromoted');
    // Nor has a naive rule anything to say a day and a week after what is missing.
    expect(JSON.parse(decided?.gate ?? '')).toMatchObject({ targets: 566 });
  });

  it('promotes a first model that beats the naive opponents, with every number', async () => {
    const { driver, trainer, artifacts, found } = benchOf();
    const sent = await driver.feed([asked(R1)]);
    const [made, decided, ...others] = eventsIn(sent);
    expect(others).toEqual([]);
    const { fitUntil, from, to } = judgingSlice(schema, { toPeriod: END / HOUR });
    expect(made).toMatchObject({
      ...{ type: 'ModelTrained', stream: 's', model: 'm', version: R1.slice(0, 12) },
      ...{ actor: 'trainer', reason: 'schedule', requestId: R1, decidedAt: NOW },
      ...{ trainer: 'plain', schemaHash: featureSchemaHash(schema), horizon: 24 },
      trainedFrom: END - 365 * DAY,
      trainedTo: fitUntil * HOUR,
    });
    expect(decided).toMatchObject({
      ...{ type: 'ModelPromoted', previous: '', effectiveFrom: END + HOUR, actor: 'policy' },
      ...{ sha256: made?.sha256, requestId: R1, version: R1.slice(0, 12) },
      reason: expect.stringMatching(/^\d+(\.\d+)? % better than naive-24$/) as string,
    });
    expect(JSON.parse(decided?.gate ?? '')).toMatchObject({
      ...{ promote: true, reasons: [], targets: 672 },
      ...{ judgedFrom: from * HOUR, judgedTo: to * HOUR },
      comparisons: [{ rival: 'naive-24', test: { count: 672 } }],
      models: [{ name: 'candidate' }, { name: 'naive-24' }, { name: 'naive-168' }, {}],
    });
    expect(artifacts.names()).toEqual([made?.sha256]);
    expect(found.map(({ buckets, sigma }) => [buckets, sigma.length])).toEqual([
      [[1, 6, 12, 24], 24],
    ]);
    expect(sent.map(({ partition, key }) => [partition, key?.toString()])).toEqual([
      [0, 'm'],
      [0, 'm'],
    ]);
    expect(trainer.inputs).toMatchObject([{ toPeriod: fitUntil, seed: R1 }]);
  });

  it('keeps the judging slice from the fit, however long it is asked to be', async () => {
    const { driver, trainer } = benchOf({ policy: { minImprovement: 0.05, judgeDays: 35 } });
    const [, decided] = eventsIn(await driver.feed([asked(R1)]));
    expect(trainer.inputs[0]?.toPeriod).toBe(END / HOUR - 35 * 24 - 24);
    expect(JSON.parse(decided?.gate ?? '')).toMatchObject({ targets: 35 * 24 });
  });

  it('rejects a challenger that learnt from shuffled targets, with its numbers', async () => {
    const { driver, trainer, champion } = await served();
    trainer.shuffleTargets = 'noise';
    const [made, decided] = eventsIn(await driver.feed([asked(R2)]));
    expect(made?.type).toBe('ModelTrained');
    expect(made?.sha256).not.toBe(champion);
    expect(decided).toMatchObject({
      ...{ type: 'ModelRejected', sha256: made?.sha256, requestId: R2, actor: 'policy' },
      reason: expect.stringContaining('improvement on champion is -') as string,
    });
    const gate = JSON.parse(decided?.gate ?? '') as {
      readonly comparisons: readonly { rival: string; improvement: number }[];
    };
    expect(gate.comparisons.map(({ rival }) => rival)).toEqual(['champion', 'naive-24']);
    expect(gate.comparisons[0]?.improvement).toBeLessThan(-0.1);
    // The champion goes on: the next promotion names it.
    trainer.shuffleTargets = undefined;
    const [, next] = eventsIn(await driver.feed([wish(R3, 'promotion', made?.sha256 ?? '')]));
    expect(next).toBeUndefined();
    const promotion = eventsIn(driver.sent).at(-1);
    expect(promotion).toMatchObject({ type: 'ModelPromoted', previous: champion });
  });

  it('rejects the same model trained again, and the champion stays', async () => {
    const { driver, champion } = await served();
    const events = eventsIn(await driver.feed([asked(R2)]));
    expect(events.map(({ type, sha256 }) => [type, sha256])).toEqual([
      ['ModelTrained', champion],
      ['ModelRejected', champion],
    ]);
    const [back] = eventsIn(await driver.feed([wish(R3, 'promotion', champion)]));
    expect(back).toMatchObject({ type: 'ModelRejected', reason: 'it serves already' });
  });

  it('closes what it judged, also when the judgement is cut short', async () => {
    const { driver, open } = await served();
    await driver.feed([asked(R2)]);
    expect(open.size).toBe(0);
    const cut = benchOf();
    cut.trainer.onTrained = () => cut.driver.stopping.abort();
    await expect(cut.driver.feed([asked(R1)])).rejects.toMatchObject({ code: 'TRAINING_ABORTED' });
    expect(cut.open.size).toBe(0);
  });

  it('settles a request of too little data without an artifact', async () => {
    const short = panelOf(historyNeeded(schema.seasons) / 24 + 10);
    const { driver, artifacts } = benchOf({ history: async () => short });
    expect(eventsIn(await driver.feed([asked(R1)]))).toMatchObject([
      { type: 'ModelRejected', sha256: '', requestId: R1, gate: '{}' },
    ]);
    expect(eventsIn(driver.sent)[0]?.reason).toMatch(/^Only 0 rows; .* would do, where/);
    expect(artifacts.names()).toEqual([]);
  });

  it('skips requests of other streams, and those that were answered', async () => {
    const { driver, read } = benchOf();
    expect(await driver.feed([asked(R1, { stream: 'other' })])).toEqual([]);
    const answer = modelRecord({ ...trained('aa', { requestId: R2 }), type: 'ModelTrained' });
    const decision = modelRecord(promoted('aa', '', { requestId: R2 }));
    // In one batch: what the models say comes first, wherever it lies.
    expect(await driver.feed([asked(R2), answer, decision])).toEqual([]);
    expect(read).toEqual([]);
  });

  it('keeps the artifact before the event that names it', async () => {
    const kept = memoryArtifactStore();
    const put = async (): Promise<void> => {
      throw new Error('the disk is full');
    };
    const { driver } = benchOf({ artifacts: { ...kept, put } });
    await expect(driver.feed([asked(R1)])).rejects.toThrow('the disk is full');
    expect(driver.sent).toEqual([]);
  });

  it('judges against the naive where the champion cannot be opened, and says so', async () => {
    const { driver } = benchOf();
    await driver.feed([modelRecord(trained('gone')), modelRecord(promoted('gone', ''))]);
    const [, decided] = eventsIn(await driver.feed([asked(R1)]));
    expect(decided).toMatchObject({ type: 'ModelPromoted', previous: 'gone' });
    expect(JSON.parse(decided?.gate ?? '')).toMatchObject({
      championUnusable: 'its artifact is not here',
    });
  });

  it('judges against the naive alone where the champion has other features', async () => {
    const { driver, open, misfits, champion } = await served();
    misfits.add('champion');
    // As good as the champion, which would be too little against one that can serve.
    const [, decided] = eventsIn(await driver.feed([asked(R2)]));
    expect(decided).toMatchObject({ type: 'ModelPromoted', previous: champion });
    expect(JSON.parse(decided?.gate ?? '')).toMatchObject({
      championUnusable: expect.stringContaining('trained on other features') as string,
      comparisons: [{ rival: 'naive-24' }],
    });
    expect(open.size).toBe(0);
  });

  it('ends retriably when it is told to stop, so that the request is not put aside', async () => {
    let heard: AbortSignal | undefined;
    const { driver } = benchOf({
      history: (_request, signal) => {
        heard = signal;
        driver.stopping.abort();
        return Promise.reject(new Error('stopped in the middle'));
      },
    });
    await expect(driver.feed([asked(R1)])).rejects.toMatchObject({
      code: 'TRAINING_ABORTED',
      retriable: true,
    });
    expect(heard?.aborted).toBe(true);
    expect(driver.refusals).toEqual([]);
  });
});

describe('training, asked for a version by name', () => {
  it('promotes it and goes back, each naming the champion that it replaces', async () => {
    const { driver, trainer, champion } = await served();
    trainer.shuffleTargets = 'noise';
    const [made] = eventsIn(await driver.feed([asked(R2)]));
    const other = made?.sha256 ?? '';
    const [up] = eventsIn(await driver.feed([wish('p', 'promotion', other)]));
    expect(up).toMatchObject({
      ...{ type: 'ModelPromoted', sha256: other, previous: champion, requestId: 'p' },
      ...{ actor: 'ada', reason: 'passed review', version: R2.slice(0, 12), effectiveFrom: 0 },
    });
    const [back] = eventsIn(await driver.feed([wish('q', 'rollback', champion)]));
    expect(back).toMatchObject({
      ...{ type: 'ModelRolledBack', sha256: champion, previous: other, actor: 'ada' },
    });
  });

  it.each<[string, string, RegExp]>([
    ['a version that was never trained', 'f'.repeat(64), /^no version with the sha256 "ffff/],
    ['no version at all', '', /^no version with the sha256 ""/],
  ])('refuses %s', async (_what, sha256, reason) => {
    const { driver } = await served();
    expect(eventsIn(await driver.feed([wish('p', 'promotion', sha256)]))).toMatchObject([
      { type: 'ModelRejected', sha256, requestId: 'p', actor: 'ada' },
    ]);
    expect(eventsIn(driver.sent).at(-1)?.reason).toMatch(reason);
  });

  it('refuses a version whose artifact is missing, or whose features are others', async () => {
    const { driver } = benchOf();
    const known = trained('aa');
    await driver.feed([modelRecord(known)]);
    const [missing] = eventsIn(await driver.feed([wish('p', 'promotion', 'aa')]));
    expect(missing?.reason).toContain('its artifact is not here');
    expect(missing).toMatchObject({ sha256: 'aa', version: known.version, requestId: 'p' });
    const bench = await served();
    const other = benchOf({
      artifacts: bench.artifacts,
      open: async () => ({
        forecaster: linearForecaster([...bench.trainer.fits.values()][0]?.model ?? never()),
        featureSchema: { ...schema, terms: schema.terms.slice(1) },
      }),
    });
    await other.driver.feed([modelRecord(trained(bench.champion))]);
    const [differs] = eventsIn(await other.driver.feed([wish('p', 'promotion', bench.champion)]));
    expect(differs).toMatchObject({ type: 'ModelRejected' });
    expect(differs?.reason).toContain('only in the stream: ');
  });

  it('refuses evidence that is no JSON', async () => {
    const { driver } = benchOf();
    const sent = await driver.feed([asked('p', { reason: 'rollback', evidence: 'aa' })]);
    expect(eventsIn(sent)).toMatchObject([{ type: 'ModelRejected', actor: 'unknown' }]);
  });
});
