import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../../src/log/embedded/embedded-schema-registry.ts';
import type { Log } from '../../src/log/log.ts';
import { FIRST_OFFSET, offset } from '../../src/log/offset.ts';
import { serveLog, type LogServer } from '../../src/log/remote/log-server.ts';
import { openRemoteLog, type RemoteLog } from '../../src/log/remote/remote-log.ts';
import { hungOn } from '../support/hung-on.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cleanupContract } from './log-contract-cleanup.ts';
import { readContract } from './log-contract-reads.ts';
import { topicContract } from './log-contract-topics.ts';
import { transactionContract } from './log-contract-transactions.ts';
import { ALL, appendAll, outgoing, readAll, topic, until, valuesOf } from './log-harness.ts';

const TOKEN = 'secret';

interface Served {
  readonly embedded: EmbeddedLog;
  readonly server: LogServer;
  readonly remote: RemoteLog;
}

/** An embedded log, served over a socket of this machine, and a client of it. */
const served = async (transactionIdleMs?: number): Promise<Served> => {
  const folder = await temporaryFolder();
  const embedded = await openEmbeddedLog({
    folder,
    clock: systemClock,
    tailBytesMax: 0,
    segmentBytesMax: 1,
    compactedSegmentBytesMax: 1,
  });
  const registry = await openEmbeddedSchemaRegistry({ folder });
  const server = await serveLog({ log: embedded, registry, token: TOKEN, transactionIdleMs });
  onTestFinished(async () => {
    await server.close();
    await registry.close();
    await embedded.close();
  });
  const remote = await openRemoteLog({ address: server.address, token: TOKEN });
  onTestFinished(() => remote.close());
  return { embedded, server, remote };
};

const owners = new WeakMap<Log, EmbeddedLog>();

const ownerOf = (log: Log): EmbeddedLog => {
  const owner = owners.get(log);
  if (owner === undefined) throw new TypeError('not a log of this suite');
  return owner;
};

const harness = {
  open: async () => {
    const { embedded, remote } = await served();
    owners.set(remote, embedded);
    return remote;
  },
  compact: (log: Log) => ownerOf(log).compact(),
  trim: (log: Log, name: string, to: Parameters<EmbeddedLog['trim']>[2]) =>
    ownerOf(log).trim(name, 0, to),
};

transactionContract('the remote log', harness);
readContract('the remote log', harness);
cleanupContract('the remote log', harness);
topicContract('the remote log', harness);

describe('the remote log', () => {
  it('shows group offsets from the commit on, and refuses to join', async () => {
    const { remote } = await served();
    await remote.ensureTopics([topic('a')]);
    const position = { group: 'g', topic: 'a', partition: 1, next: offset(7) };
    const transaction = await (await remote.producer('t')).begin();
    await transaction.commitOffsets([position]);
    expect(await remote.groupOffsets('g')).toEqual([]);
    await transaction.commit();
    expect(await remote.groupOffsets('g')).toEqual([position]);
    await expect(remote.join({ group: 'g', topics: ['a'] })).rejects.toMatchObject({
      code: 'LOG_LOCKED',
    });
  });

  it('aborts the transaction of a client that went away, and tells it afterwards', async () => {
    const { embedded, remote } = await served(20);
    await remote.ensureTopics([topic('a')]);
    const producer = await remote.producer('t');
    const transaction = await producer.begin();
    await transaction.send([outgoing('a', 0, 'lost')]);
    expect((await embedded.offsets('a', 0)).end).toBeGreaterThan(0);
    await vi.waitFor(async () => {
      const { stableEnd, end } = await embedded.offsets('a', 0);
      expect(stableEnd).toBe(end);
    });
    await expect(transaction.commit()).rejects.toMatchObject({
      code: 'LOG_FENCED',
      retriable: true,
      message: 'the transaction of t was aborted, since nothing came for 20 ms',
    });
    const again = await producer.begin();
    await again.send([outgoing('a', 0, 'kept')]);
    await again.commit();
    expect(await valuesOf(embedded, 'a')).toEqual(['kept']);
  });

  it('carries more than a request can hold, in one transaction', async () => {
    const { embedded, remote } = await served();
    await remote.ensureTopics([topic('a')]);
    const value = Buffer.alloc(3 << 20, 'x');
    const transaction = await (await remote.producer('t')).begin();
    const records = Array.from({ length: 6 }, () => ({ ...outgoing('a', 0, ''), value }));
    const acknowledged = await transaction.send(records);
    expect(acknowledged).toEqual([{ topic: 'a', partition: 0, baseOffset: 0, count: 6 }]);
    expect(await valuesOf(embedded, 'a')).toEqual([]);
    await transaction.commit();
    const { records: read } = await readAll(remote.reader('a', 0, FIRST_OFFSET));
    expect(read.map((record) => record.value?.length)).toEqual(Array(6).fill(value.length));
  });

  it('registers schemas at the owner', async () => {
    const { remote } = await served();
    const { registry } = remote;
    const registered = await registry.register('a-value', '"string"');
    expect(registered).toEqual({ id: 1, subject: 'a-value', version: 1, schema: '"string"' });
    expect(await registry.byId(1)).toEqual(registered);
    expect(await registry.byId(2)).toBeUndefined();
    expect(await registry.subjects()).toEqual([registered]);
    await expect(registry.register('a-value', '"int"')).rejects.toMatchObject({
      name: 'SchemaError',
      code: 'SCHEMA_INCOMPATIBLE',
    });
  });

  it('lets nobody in without the token', async () => {
    const { server } = await served();
    await expect(openRemoteLog({ ...server, token: 'guessed' })).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: expect.stringContaining('answers 401') as unknown,
    });
    const response = await fetch(`${server.address}/log/v1/topics`, { method: 'POST' });
    expect(response.status).toBe(401);
  });

  it.each([
    ['/log/v1/drop', 'POST', 404],
    ['/log/v1/toString', 'POST', 404],
    ['/log/v2/topics', 'POST', 404],
    ['/log/v1/topics', 'POST', 400],
  ])('answers %s with %s by %i when the request is none of ours', async (path, method, status) => {
    const { server } = await served();
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${server.address}${path}`, { method, headers, body: 'x' });
    expect(response.status).toBe(status);
  });

  it('refuses a request beyond its bound', async () => {
    const { server } = await served();
    const headers = { authorization: `Bearer ${TOKEN}` };
    const body = Buffer.alloc((16 << 20) + 1);
    const send = fetch(`${server.address}/log/v1/send`, { method: 'POST', headers, body });
    // The server may hang up on the rest of it before its answer is read.
    const answered = await send.then(
      ({ status }) => status,
      () => 'hung up',
    );
    expect([413, 'hung up']).toContain(answered);
  });

  it('does not know whether a commit happened when its owner stops in between', async () => {
    const { remote, server } = await served();
    await remote.ensureTopics([topic('a')]);
    const transaction = await (await remote.producer('t')).begin();
    await transaction.send([outgoing('a', 0, 'x')]);
    await server.close();
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'LOG_OUTCOME_UNKNOWN' });
    await expect(remote.topics()).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
  });

  it('goes on with the next transaction after something within one was refused', async () => {
    const { remote } = await served();
    await remote.ensureTopics([topic('a')]);
    const producer = await remote.producer('t');
    const first = await producer.begin();
    await first.send([outgoing('a', 0, 'lost')]);
    await expect(first.send([outgoing('missing', 0, 'x')])).rejects.toMatchObject({
      code: 'LOG_UNKNOWN_TOPIC',
    });
    const second = await producer.begin();
    await second.send([outgoing('a', 0, 'kept')]);
    await second.commit();
    expect(await valuesOf(remote, 'a', 0)).toEqual(['kept']);
    const { stableEnd, end } = await remote.offsets('a', 0);
    expect(stableEnd).toBe(end);
  });

  it('wakes those who wait when its owner stops', async () => {
    const { remote, server } = await served();
    await remote.ensureTopics([topic('a')]);
    const reader = remote.reader('a', 0, FIRST_OFFSET);
    const waiting = reader.more(new AbortController().signal);
    await reader.poll(ALL);
    const [, outcome] = await Promise.allSettled([server.close(), waiting]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LOG_UNREACHABLE' } });
  });

  it('does not wait for ever for an owner that is stopped', async () => {
    const stopped = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => stopped.closeAllConnections());
    await once(stopped, 'listening');
    const { port } = stopped.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}`;
    await expect(openRemoteLog({ address, token: TOKEN, answerMs: 40 })).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: expect.stringMatching(/has been silent for 0\.04 s: look whether it/) as unknown,
    });
  });

  it('waits for more for longer than for an answer', async () => {
    const { server, embedded } = await served();
    await embedded.ensureTopics([topic('a')]);
    const remote = await openRemoteLog({ ...server, token: TOKEN, answerMs: 200 });
    onTestFinished(() => remote.close());
    let hasMore = false;
    const signal = new AbortController().signal;
    const waiting = remote.reader('a', 0, FIRST_OFFSET).more(signal);
    const noted = waiting.then(() => (hasMore = true));
    const sinceMs = performance.now();
    await until(() => performance.now() - sinceMs > 400);
    expect(hasMore).toBe(false);
    await appendAll(embedded, [outgoing('a', 0, 'x')]);
    await noted;
    expect(hungOn(signal)).toBe(0);
  });

  it('lets several clients read and write side by side', async () => {
    const { server, remote, embedded } = await served();
    await remote.ensureTopics([topic('a', 1)]);
    const other = await openRemoteLog({ address: server.address, token: TOKEN });
    onTestFinished(() => other.close());
    const numbers = Array.from({ length: 40 }, (_, index) => String(index));
    await Promise.all(
      numbers.map((number, index) =>
        appendAll(index % 2 === 0 ? remote : other, [outgoing('a', 0, number)], number),
      ),
    );
    const read = await Promise.all([remote, other, embedded].map((log) => valuesOf(log, 'a')));
    expect([...(read[0] ?? [])].sort()).toEqual([...numbers].sort());
    expect(read[1]).toEqual(read[0]);
    expect(read[2]).toEqual(read[0]);
  });
});
