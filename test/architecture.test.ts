import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/repository.ts';

const CONFIG = `${ROOT}.dependency-cruiser.cjs`;
const CRUISER = `${ROOT}node_modules/dependency-cruiser/bin/dependency-cruise.mjs`;

/**
 * With an unfitting compiler the cruiser sees no module at all and is content; raise this as src
 * grows.
 */
const MODULES_MIN = { src: 400, test: 200, benchmarks: 15, scripts: 5 };

/** What lies beside src has doors too; fixtures break them on purpose. */
const BESIDE = ['test', 'benchmarks', 'scripts', '--exclude', '^test/fixtures/'];

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: { readonly violations: readonly Violation[] };
}

const cruise = (folder: string, ...beside: readonly string[]): Promise<Cruise> =>
  new Promise((resolve, reject) => {
    const args = [CRUISER, 'src', ...beside, '--config', CONFIG, '--output-type', 'json'];
    const options = { cwd: folder, maxBuffer: 256 * 1024 * 1024 };
    // The exit code is the number of violations; only output that is no JSON means that the cruiser
    // itself failed.
    execFile(process.execPath, args, options, (_error, stdout, stderr) => {
      try {
        // The shape of the cruiser's JSON reporter.
        resolve(JSON.parse(stdout) as Cruise);
      } catch (cause) {
        reject(new Error(`dependency-cruiser failed: ${stderr}`, { cause }));
      }
    });
  });

const ruleNames = (): string[] => {
  // The config is ours, and CommonJS.
  const config = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] };
  return config.forbidden.map(({ name }) => name).sort();
};

describe('the architecture', () => {
  it('has no import that passes through a wall', async () => {
    const { modules, summary } = await cruise(ROOT, ...BESIDE);
    const broken = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
    expect(broken).toEqual([]);
    for (const [folder, min] of Object.entries(MODULES_MIN)) {
      const own = modules.filter(({ source }) => source.startsWith(`${folder}/`));
      expect(own.length, folder).toBeGreaterThanOrEqual(min);
    }
  });

  it('refuses by each of its rules the import that the rule is named for', async () => {
    const { summary } = await cruise(`${ROOT}test/fixtures/doors`);
    const refused = summary.violations
      .filter(({ rule, from, to }) => [from, to].some((file) => file.endsWith(`/${rule.name}.ts`)))
      .map(({ rule }) => rule.name);
    expect([...new Set(refused)].sort()).toEqual(ruleNames());
  });
});
