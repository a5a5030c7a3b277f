import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServing } from '../../../src/serving/serving.ts';
import { Api } from './api.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let api: Api;

beforeEach(() => {
  api = new Api();
});

afterEach(() => api.close());

const SECRET = 'a-secret-of-sixteen-or-more';
const tokens = [
  { name: 'reader', secret: SECRET, scope: 'read' },
  { name: 'owner', secret: `${SECRET}-2`, scope: 'promote' },
] as const;

interface Described {
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: Readonly<Record<string, unknown>> }>
    >;
  };
  readonly parameters?: readonly {
    readonly name: string;
    readonly required?: boolean;
    readonly schema: Readonly<Record<string, unknown>>;
  }[];
  readonly responses?: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<object> }>
  >;
}

/** Paths of the API's document, with something in the place of parameters. */
const paths = async (): Promise<readonly [method: 'GET' | 'POST', url: string][]> => {
  const { body } = await api.get('/openapi.json');
  // An OpenAPI document has paths, each an object by method.
  return Object.entries(body['paths'] as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): ['GET' | 'POST', string] => [
      method === 'post' ? 'POST' : 'GET',
      path.replace(/\{\w+\}/g, 'x'),
    ]),
  );
};

const OPEN = ['/health', '/livez', '/readyz'];

describe('tokens', () => {
  it('are wanted by every route but the probes, once there are any', async () => {
    await api.open({ http: { host: '127.0.0.1', port: 0, tokens } });
    const all = await paths();
    expect(all.length).toBeGreaterThan(9);
    for (const [method, url] of all) {
      const { status, headers, body } = await api.call({ method, url });
      if (OPEN.includes(url)) expect(status, url).toBeLessThan(401);
      else {
        expect([status, body['code'], url]).toEqual([401, 'TOKEN_REFUSED', url]);
        expect(headers['www-authenticate']).toBe('Bearer');
      }
    }
  });

  it.each([
    [`Bearer ${SECRET}`, 200],
    [`bearer  ${SECRET}-2`, 200],
    [`Bearer ${SECRET}x`, 401],
    ['Bearer ', 401],
    [`Basic ${SECRET}`, 401],
    [SECRET, 401],
  ])('%s is answered with %i', async (authorization, status) => {
    await api.open({ http: { host: '127.0.0.1', port: 0, tokens } });
    const answer = await api.call({ url: '/series', headers: { authorization } });
    expect(answer.status).toBe(status);
  });

  it('are not wanted where none are configured', async () => {
    expect((await api.get('/series')).status).toBe(200);
  });
});

describe('answers', () => {
  it('carry headers that keep other pages out', async () => {
    for (const url of ['/health', '/nothing', '/series?limit=0']) {
      const { headers } = await api.get(url);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('of a bug say nothing of what is inside, but the log does', async () => {
    await api.open({
      metrics: {
        contentType: 'text/plain',
        text: () => Promise.reject(new Error('secret detail')),
      },
    });
    const answer = await api.get('/metrics');
    expect([answer.status, answer.body['code']]).toEqual([500, 'INTERNAL_FAILURE']);
    expect(answer.text).not.toContain('secret');
    expect(String(api.logger.lines[0]?.fields.error)).toContain('secret detail');
  });
});

describe('the access log', () => {
  const answered = () =>
    api.logger.lines.flatMap(({ level, fields }) =>
      fields.action === 'request-answered' ? [{ level, ...fields.labels }] : [],
    );

  it('names caller, route and status of each request, but not its address', async () => {
    await api.open({ http: { host: '127.0.0.1', port: 0, tokens } });
    const headers = { authorization: `Bearer ${SECRET}` };
    await api.call({ url: '/series/none?stream=departures', headers });
    await api.call({ url: '/health' });
    expect(answered()).toMatchObject([
      { level: 'debug', method: 'GET', route: '/series/:id', status: 404, caller: 'reader' },
      { level: 'debug', method: 'GET', route: '/health', status: 200 },
    ]);
    expect(JSON.stringify(api.logger.lines)).not.toContain('none');
    expect(answered()[1]).not.toHaveProperty('caller');
  });

  it('shows refused tokens to those who do not debug', async () => {
    await api.open({ http: { host: '127.0.0.1', port: 0, tokens } });
    await api.call({ url: '/series', headers: { authorization: 'Bearer wrong' } });
    expect(answered()).toMatchObject([{ level: 'info', route: '/series', status: 401 }]);
    expect(JSON.stringify(api.logger.lines)).not.toContain('wrong');
  });
});

describe('the documents', () => {
  it('are OpenAPI 3.1 with every route and the schemas that it validates with', async () => {
    const { body } = await api.get('/openapi.json');
    expect(body['openapi']).toBe('3.1.0');
    const urls = (await paths()).map(([method, url]) => `${method} ${url}`).toSorted();
    expect(urls).toEqual([
      'GET /accuracy',
      'GET /events',
      'GET /health',
      'GET /livez',
      'GET /metrics',
      'GET /models',
      'GET /models/x/champion',
      'GET /readyz',
      'GET /series',
      'GET /series/x',
      'GET /status',
      'POST /forecast',
    ]);
    expect(JSON.stringify(body)).toContain('"default":50');
    expect(JSON.stringify(body)).toContain('Every stream has a champion');
  });

  it('say what each answer is, and of which type', async () => {
    const { body } = await api.get('/openapi.json');
    // Of an OpenAPI document, what is read below.
    const { paths: routes } = body as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    };
    const answers = Object.values(routes).flatMap((methods) =>
      Object.values(methods).flatMap(({ responses = {} }) => Object.values(responses)),
    );
    expect(answers.length).toBeGreaterThan(20);
    expect(answers.filter(({ description }) => /^Default|^$/.test(description))).toEqual([]);
    const typeOf = (url: string): string[] =>
      Object.keys(routes[url]?.['get']?.responses?.['200']?.content ?? {});
    expect(typeOf('/events')).toEqual(['text/event-stream']);
    expect(typeOf('/metrics')).toEqual(['text/plain']);
    expect(typeOf('/series')).toEqual(['application/json']);
  });

  it('ask for no field that has a default', async () => {
    const { body } = await api.get('/openapi.json');
    // Of an OpenAPI document, what is read below.
    const { paths: routes } = body as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    };
    const sent = routes['/forecast']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(sent?.['required']).toEqual(['entity_id']);
    expect(sent?.['properties']).toMatchObject({
      horizon: {
        description: expect.stringContaining('when left out 7, or the horizon') as string,
      },
      include_intervals: { default: true },
    });
    const parameters = Object.values(routes).flatMap(({ get }) => get?.parameters ?? []);
    const defaulted = parameters.filter(({ schema }) => schema['default'] !== undefined);
    expect(defaulted.map(({ name }) => name).toSorted()).toEqual(
      expect.arrayContaining(['limit', 'offset', 'periods', 'search']) as string[],
    );
    expect(defaulted.filter(({ required }) => required === true)).toEqual([]);
  });

  it('have a page for people', async () => {
    const page = await api.get('/docs/');
    expect([page.status, page.text.includes('swagger')]).toEqual([200, true]);
    expect((await api.get('/')).headers['location']).toBe('/docs');
  });

  it('serve the dashboard where it is', async () => {
    const assets = await temporaryFolder();
    await mkdir(join(assets, 'vendor'));
    await writeFile(join(assets, 'index.html'), '<title>tidecast</title>');
    await writeFile(join(assets, 'vendor', 'chart.js'), 'export {};');
    await api.open({ assets: [assets] });
    const page = await api.get('/');
    expect([page.status, page.text]).toEqual([200, '<title>tidecast</title>']);
    expect((await api.get('/vendor/chart.js')).headers['content-type']).toContain('javascript');
    expect((await api.get('/health')).status).toBe(200);
    for (const url of ['/none.js', '/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd']) {
      expect((await api.get(url)).status, url).toBeGreaterThanOrEqual(400);
    }
  });

  it('give metrics as they are', async () => {
    expect(await api.get('/metrics')).toMatchObject({
      status: 200,
      text: 'up 1\n',
      headers: { 'content-type': 'text/plain; version=0.0.4' },
    });
  });
});

describe('a port', () => {
  it('that is taken is refused with what to do', async () => {
    const first = await startServing(await api.options());
    const port = Number(new URL(first.address).port);
    const http = { host: '127.0.0.1', port, tokens: [] };
    try {
      const second = startServing(await api.options({ http }));
      await expect(second).rejects.toMatchObject({
        code: 'HTTP_PORT_TAKEN',
        message: expect.stringContaining('http.port') as string,
      });
    } finally {
      await first.close();
    }
  });

  it('of an address that is not ours is refused too', async () => {
    const http = { host: '192.0.2.1', port: 0, tokens: [] };
    await expect(startServing(await api.options({ http }))).rejects.toMatchObject({
      code: 'HTTP_ADDRESS_UNUSABLE',
    });
  });
});
