import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { CommandLine } from '../unit/cli/command-line.ts';
import { chromiumPath, openBrowser } from './chromium.ts';
import { chartInk, pageWidth, paperColour } from './page-facts.ts';

const executablePath = chromiumPath();
const isRequired = process.env['TEST_REQUIRE_REAL'] === '1';
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const DAYS = 240;
const DAY_MS = 86_400_000;
const START = Date.UTC(2001, 0, 1);
const HOSTILE = `</script><b id="hostile">&"'<img src=x onerror=alert(1)><!--`;
const STORES = ['ada', HOSTILE, 'cleo'];

if (executablePath === undefined && !isRequired) {
  process.stderr.write('SKIPPED: the page of a backtest in a browser, for want of a chromium\n');
}

/** What grows wild after it was calm has the worst forecasts: the hostile name does. */
const sales = (hasTimes: boolean): string => {
  const random = seededRandom('sales');
  const lines = ['store,day,amount'];
  for (const [index, store] of STORES.entries()) {
    for (let day = 0; day < DAYS; day += 1) {
      const noise = store === HOSTILE && day > DAYS - 60 ? 30 : 1 + index;
      const amount = 50 + 20 * Math.sin((2 * Math.PI * day) / 7) + noise * random.normal();
      const time = new Date(START + day * DAY_MS).toISOString().slice(0, 10);
      const name = `"${store.replaceAll('"', '""')}"`;
      lines.push(`${name},${hasTimes ? time : 'none'},${amount.toFixed(3)}`);
    }
  }
  return `${lines.join('\n')}\n`;
};

const ROLLING = ['--horizon', '7', '--origins', '8', '--every', '5', '--trainer', 'ridge'];

const plotted = async (hasTimes = true): Promise<string> => {
  const folder = await temporaryFolder();
  const file = join(folder, `a<b>&'$&.csv`);
  const page = join(folder, 'page.html');
  await writeFile(file, sales(hasTimes));
  const columns = ['--series-column', 'store', '--value-column', 'amount', '--frequency', '1d'];
  const time = hasTimes ? ['--time-column', 'day'] : [];
  const { code, err } = await new CommandLine().call(
    ...['backtest', file, ...columns, ...time, ...ROLLING, '--plot', page],
  );
  if (code !== 0) throw new Error(err);
  return page;
};

interface Opened {
  readonly page: Page;
  /** Errors of the page and what its policy refused. */
  readonly errors: readonly string[];
  /** All that it asked for. */
  readonly requests: readonly string[];
}

describe.runIf(executablePath !== undefined || isRequired)('the page of a backtest', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser(executablePath ?? 'chromium');
  });
  afterAll(() => browser.close());

  const open = async (file: string, viewport = DESKTOP): Promise<Opened> => {
    const hasTouch = viewport === PHONE;
    const options = { viewport, hasTouch, isMobile: hasTouch, colorScheme: 'light' } as const;
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => requests.push(request.url().replace(/,.*/, '')));
    page.on('dialog', (dialog) => {
      errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(file).href);
    await page.locator('#steps canvas').waitFor();
    return { page, errors, requests };
  };

  it('draws forecasts beside what came, without an error and without the network', async () => {
    const file = await plotted();
    const { page, errors, requests } = await open(file);
    const { actual, forecast } = await chartInk(page);
    expect(actual).toBeGreaterThan(300);
    expect(forecast).toBeGreaterThan(300);
    expect(await page.locator('#verdict').textContent()).toMatch(
      /^Forecasts of the model ridge are .* than the best naive rule\.$/,
    );
    expect(await page.locator('#coverage tbody tr').count()).toBe(7 + 1);
    expect(await page.locator('#results tbody tr').count()).toBe(4);
    expect(await page.locator('#intervals tbody tr').count()).toBe(2);
    expect(requests.filter((url) => url !== 'data:image/svg+xml')).toEqual([
      pathToFileURL(file).href,
    ]);
    expect(errors).toEqual([]);
    const html = await readFile(file, 'utf8');
    expect(html.replaceAll(/http:\/\/www\.w3\.org\/\d+\/svg/g, '')).not.toMatch(
      /<(link|script|img)[^>]+https?:/,
    );
  });

  it('shows a series id that is markup as text', async () => {
    const { page, errors } = await open(await plotted());
    expect(await page.locator('#series-heading').textContent()).toBe(HOSTILE);
    expect(await page.locator('#list .more').allTextContents()).toContain(HOSTILE);
    expect(await page.locator('#hostile, img').count()).toBe(0);
    expect(await page.title()).toBe(`Backtest of a<b>&'$&.csv`);
    expect(errors).toEqual([]);
  });

  it('goes by keys: another series, earlier forecasts, single periods, a table', async () => {
    const { page, errors } = await open(await plotted());
    await page.locator('#series').selectOption('ada');
    expect(await page.locator('#series-heading').textContent()).toBe('ada');
    await page.locator('#spans button', { hasText: '1 forecast' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#later').isDisabled()).toBe(true);
    await page.locator('#earlier').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#later').isDisabled()).toBe(false);
    await page.locator('#chart').focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('#legend .at', { hasText: /^\d+ \w+ 2001, step 7$/ }).waitFor();
    await page.locator('#views button', { hasText: 'Table' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#table tbody tr').count()).toBe(7);
    await page.locator('#list .more', { hasText: 'cleo' }).press('Enter');
    expect(await page.locator('#series-heading:focus').textContent()).toBe('cleo');
    expect(errors).toEqual([]);
  });

  it('shows forecasts that do not overlap, and says that there are others', async () => {
    const { page } = await open(await plotted());
    await page.locator('#spans button', { hasText: 'All 4' }).waitFor();
    const note = await page.locator('#series-note').textContent();
    expect(note).toContain('Of 8 origins the latest 4 whose forecasts do not overlap');
  });

  it('chooses the level of the coverage', async () => {
    const { page } = await open(await plotted());
    const all = page.locator('#coverage tbody tr').last().locator('td');
    const narrow = await all.allTextContents();
    await page.locator('#levels button', { hasText: '95' }).click();
    const wide = await all.allTextContents();
    // Steps 1 to 7, and all of them.
    expect(narrow.slice(0, 8).map(Number.parseFloat)).not.toContain(Number.NaN);
    expect(Number.parseInt(wide[7] ?? '', 10)).toBeGreaterThan(
      Number.parseInt(narrow[7] ?? '', 10),
    );
    expect(wide.at(-1)).toBe(String(3 * 8 * 7));
  });

  it('turns dark on request, and redraws its charts', async () => {
    const { page, errors } = await open(await plotted());
    const light = await paperColour(page);
    await page.locator('#theme').click();
    await expect.poll(() => paperColour(page)).not.toBe(light);
    const { actual } = await chartInk(page);
    expect(actual).toBeGreaterThan(300);
    expect(errors).toEqual([]);
  });

  it('fits a phone without scrolling sideways', async () => {
    const { page } = await open(await plotted(), PHONE);
    const { actual } = await chartInk(page);
    expect(actual).toBeGreaterThan(100);
    expect(await pageWidth(page)).toBe(PHONE.width);
  });

  it('numbers periods where no clock is known', async () => {
    const { page, errors } = await open(await plotted(false));
    await chartInk(page);
    expect(await page.locator('#verdict-why').textContent()).toContain('to period 232');
    expect(await page.locator('#coverage thead').textContent()).toContain('Place in season');
    expect(errors).toEqual([]);
  });
});
