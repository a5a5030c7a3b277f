import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../../../scripts/kafka/versions.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { repositoryFiles, ROOT, textOf } from '../../support/repository.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, { readonly name?: string }>>;
}

// Its form is what the tests below look at, field by field.
const compose = parse(textOf('docker-compose.yml')) as Compose;
const services = Object.entries(compose.services);
/** All but the one that ends once it has done its work. */
const lasting = services.filter(([name]) => name !== 'topics');
const files = repositoryFiles();

const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

const mountsOf = ({ volumes = [] }: Service): readonly string[] =>
  volumes.map((volume) => volume.split(':')[0] ?? '');

const isFolderOrFile = (path: string): boolean =>
  files.some((file) => file === path || file.startsWith(`${path}/`));

/** Names that a query reads: in the product's two families, without a histogram's endings. */
const metricsIn = (query: string): readonly string[] =>
  [...query.matchAll(/\b(?:forecast|tidecast)_\w+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );

const documented = new Set(
  [...textOf('docs/metrics.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name),
);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

/** Labels of each documented metric. */
const labelsOf = new Map(
  [...textOf('docs/metrics.md').matchAll(/^\| `(\w+)` \| \w+ \|([^|]*)\|/gm)].map(
    ([, name = '', labels = '']) => [name, [...labels.matchAll(/`(\w+)`/g)].map(([, one]) => one)],
  ),
);

interface Panel {
  readonly title: string;
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly expr: string }[];
}

describe('docker-compose.yml', () => {
  it('has the five services, and one that makes the topics', () => {
    expect(services.map(([name]) => name)).toEqual([
      ...['kafka', 'registry', 'topics', 'tidecast', 'prometheus', 'grafana'],
    ]);
  });

  it('makes the topic that is read before it is read, since no broker does by itself', () => {
    expect(service('topics')).toMatchObject({
      command: ['topics', 'create', '--sources'],
      image: service('tidecast').image,
    });
    expect(service('tidecast')).toMatchObject({
      command: ['run', '--register-schemas'],
      depends_on: { topics: { condition: 'service_completed_successfully' } },
    });
    const [configuration] = mountsOf(service('topics'));
    expect(mountsOf(service('tidecast'))).toContain(configuration);
  });

  it.each(services)('pins the version of %s', (_name, { image }) => {
    expect(image).toMatch(/^[a-z0-9/-]+:v?\d+\.\d+\.\d+(\.Final)?$/);
  });

  it('runs the versions that the starter without Docker runs', () => {
    expect(service('kafka').image).toBe(`apache/kafka:${KAFKA_VERSION}`);
    expect(service('registry').image.split(':')[1]).toBe(REGISTRY_VERSION);
  });

  it.each(lasting)('knows when %s is healthy', (_name, { healthcheck }) => {
    expect(healthcheck?.test?.[0]).toMatch(/^CMD/);
    expect(healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it.each(services)('lets %s wait for services that it has, by a condition', (_name, each) => {
    for (const [name, { condition }] of Object.entries(each.depends_on ?? {})) {
      expect(Object.keys(compose.services)).toContain(name);
      expect(condition).toMatch(/^service_(healthy|started|completed_successfully)$/);
    }
  });

  it('declares the volumes that it names, and no other', () => {
    const named = services
      .flatMap(([, each]) => mountsOf(each))
      .filter((from) => !from.startsWith('.'));
    expect(named.length).toBeGreaterThan(0);
    expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(named)].sort());
  });

  it('mounts and builds from what is in the repository', () => {
    const mounted = services
      .flatMap(([, each]) => mountsOf(each))
      .filter((from) => from.startsWith('.'));
    expect(mounted.length).toBeGreaterThan(3);
    expect(mounted.filter((from) => !isFolderOrFile(from.replace('./', '')))).toEqual([]);
    expect(service('tidecast').build).toBe('.');
    expect(files).toContain('Dockerfile');
  });

  it.each(lasting)('opens ports of %s to this machine alone', (_name, { ports = [] }) => {
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('keeps no secret', () => {
    const keys = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => /PASSWORD|SECRET|TOKEN|CREDENTIAL/.test(key))).toEqual([]);
  });

  it('lets containers and this machine reach the broker, each by its own name', () => {
    const { environment = {} } = service('kafka');
    const advertised = String(environment['KAFKA_ADVERTISED_LISTENERS']);
    expect(advertised).toContain('INSIDE://kafka:19092');
    expect(advertised).toContain('OUTSIDE://127.0.0.1:');
    expect(environment['KAFKA_AUTO_CREATE_TOPICS_ENABLE']).toBe('false');
    expect(service('registry').environment?.['KAFKA_BOOTSTRAP_SERVERS']).toBe('kafka:19092');
  });
});

describe('the configuration of the containers', () => {
  it('is one that tidecast accepts, of the services by their names', () => {
    const config = loadConfig({ file: `${ROOT}deploy/tidecast.yaml`, env: {} });
    expect(config.log).toBe('kafka');
    expect(config.kafka.brokers).toEqual(['kafka:19092']);
    expect(config.kafka.registry).toBe('http://registry:8080/apis/ccompat/v7');
    expect(config.http).toMatchObject({ host: '0.0.0.0', port: 8000 });
  });

  it('has Prometheus ask tidecast where it answers', () => {
    expect(parse(textOf('deploy/prometheus/prometheus.yml'))).toMatchObject({
      scrape_configs: [
        { metrics_path: '/metrics', static_configs: [{ targets: ['tidecast:8000'] }] },
      ],
    });
  });

  it('has Prometheus wake people for what operations.md says, by metrics that there are', () => {
    const { groups } = parse(textOf('deploy/prometheus/rules.yml')) as {
      readonly groups: readonly { readonly rules: readonly Rule[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    const told = [...textOf('docs/operations.md').matchAll(/^\| `(Tidecast\w+)` \|/gm)];
    expect(rules.map(({ alert }) => alert)).toEqual(told.map(([, alert]) => alert));
    expect(rules.length).toBeGreaterThan(10);
    for (const { alert, expr, labels, annotations } of rules) {
      const names = metricsIn(expr);
      expect([alert, names.filter((name) => !documented.has(name))]).toEqual([alert, []]);
      expect(names.length > 0 || expr.startsWith('up{')).toBe(true);
      // Whoever matches a label that a metric does not have is never woken.
      for (const [, name = '', matchers = ''] of expr.matchAll(/(\w+){([^}]*)}/g)) {
        const matched = [...matchers.matchAll(/(\w+)[!=]/g)].map(([, label]) => label);
        const known = name === 'up' ? ['job'] : labelsOf.get(name);
        expect([alert, matched.filter((label) => !known?.includes(label))]).toEqual([alert, []]);
      }
      expect(labels.severity).toMatch(/^(page|ticket)$/);
      expect(annotations.summary).not.toBe('');
    }
  });

  it('has Grafana show metrics that there are, of the data source that there is', () => {
    const source = parse(textOf('deploy/grafana/provisioning/datasources/prometheus.yaml')) as {
      readonly datasources: readonly { readonly uid: string; readonly url: string }[];
    };
    const [{ uid, url } = { uid: '', url: '' }] = source.datasources;
    expect(url).toBe('http://prometheus:9090');
    const dashboard = JSON.parse(textOf('deploy/grafana/dashboards/tidecast.json')) as {
      readonly panels: readonly Panel[];
    };
    const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const shown = queries.flatMap(metricsIn);
    expect(documented.size).toBeGreaterThan(20);
    expect(queries.every((query) => metricsIn(query).length > 0)).toBe(true);
    expect(shown.filter((name) => !documented.has(name))).toEqual([]);
    expect(dashboard.panels.filter(({ datasource }) => datasource.uid !== uid)).toEqual([]);
  });
});

describe('the Dockerfile', () => {
  const text = textOf('Dockerfile');
  const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);

  it('begins at one pinned version, and runs as nobody special', () => {
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:20\.\d+\.\d+-slim$/);
    expect(text).toMatch(/^USER node$/m);
    expect(text).toMatch(/^HEALTHCHECK /m);
  });

  it('listens to others than itself, and is asked for its health where it listens', () => {
    expect(text).toMatch(/^ENV TIDECAST_HTTP_HOST=0\.0\.0\.0$/m);
    expect(textOf('deploy/healthy.mjs')).toContain('TIDECAST_HTTP_PORT');
  });

  it('copies what is in the repository and is let through to the engine', () => {
    const copied = [...text.matchAll(/^COPY (?!--)(.+)$/gm)].flatMap(([, list = '']) =>
      list.split(' ').slice(0, -1),
    );
    const allowed = textOf('.dockerignore').split('\n');
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((path) => !isFolderOrFile(path))).toEqual([]);
    expect(copied.filter((path) => !allowed.includes(`!${path}`))).toEqual([]);
  });
});
