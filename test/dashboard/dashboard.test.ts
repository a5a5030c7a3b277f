import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath, openBrowser } from './chromium.ts';
import { modelEvent } from './fixture-models.ts';
import { nextScore, NOW, seriesResponse } from './fixture-series.ts';
import { fixtureServer, type FixtureServer } from './fixture-server.ts';
import { FIXTURE_SERIES, HOSTILE_ID } from './fixture-status.ts';
import { chartInk, listedNames, pageWidth, paperColour, themeOf } from './page-facts.ts';

const executablePath = chromiumPath();
const isRequired = process.env['TEST_REQUIRE_REAL'] === '1';
/** A browser that lost its event stream tries again after three seconds. */
const RECONNECT_MS = 20_000;
const WITH_T = FIXTURE_SERIES.map(({ id }) => id)
  .filter((id) => /t/i.test(id))
  .toSorted();
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

if (executablePath === undefined && !isRequired) {
  process.stderr.write('SKIPPED: the dashboard in a browser, for want of a chromium\n');
}

interface Opened {
  readonly page: Page;
  /** Errors of the page and what its policy refused. */
  readonly errors: readonly string[];
}

describe.runIf(executablePath !== undefined || isRequired)('the dashboard', () => {
  let browser: Browser;
  let server: FixtureServer;

  beforeAll(async () => {
    browser = await openBrowser(executablePath ?? 'chromium');
    server = await fixtureServer();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const open = async (viewport = DESKTOP, query = ''): Promise<Opened> => {
    const hasTouch = viewport === PHONE;
    const options = { viewport, hasTouch, isMobile: hasTouch, colorScheme: 'light' } as const;
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('dialog', (dialog) => {
      errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${server.url}/${query}`);
    await page.locator('#connection[data-state="live"]').waitFor();
    return { page, errors };
  };

  /** What is pushed before a page listens anew is lost to it. */
  const followed = (series: string): Promise<void> =>
    expect.poll(() => server.isFollowed(series)).toBe(true);

  it('says that a token is wanted, and asks no more', async () => {
    const context = await browser.newContext({ viewport: DESKTOP });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    let asked = 0;
    await page.route('**/status', (route) => {
      asked += 1;
      return route.fulfill({ status: 401, json: { detail: 'send one', code: 'TOKEN_REFUSED' } });
    });
    await page.clock.install();
    await page.goto(`${server.url}/`);
    await page.locator('#connection[data-state="refused"]').waitFor();
    expect(await page.locator('#verdict').textContent()).toContain('wants a token');
    await page.clock.runFor(60_000);
    expect(asked).toBe(1);
    expect(await page.locator('#interruption').isHidden()).toBe(true);
  });

  it('asks for nothing while it is hidden, and goes on when it is seen again', async () => {
    const { page } = await open(DESKTOP, '?stream=departures&series=ATL');
    await followed('ATL');
    const turn = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`,
      );
    await turn(true);
    await expect.poll(() => server.isFollowed('ATL')).toBe(false);
    await turn(false);
    await followed('ATL');
  });

  it('reads out the chart to whoever walks over it, and says whether there is a list', async () => {
    const { page } = await open();
    await page.locator('#series-list [role="option"]').first().waitFor();
    expect(await page.locator('#search').getAttribute('aria-expanded')).toBe('true');
    expect(await page.locator('#legend').getAttribute('aria-live')).toBeNull();
    await page.locator('#chart').focus();
    expect(await page.locator('#legend').getAttribute('aria-live')).toBe('polite');
    await page.locator('#search').fill('no such series');
    await expect.poll(() => page.locator('#search').getAttribute('aria-expanded')).toBe('false');
    expect(await page.locator('#legend').getAttribute('aria-live')).toBeNull();
  });

  it('loads under its strict policy without an error, and answers its question', async () => {
    const { page, errors } = await open();
    const response = await page.request.get(server.url);
    expect(response.headers()['content-security-policy']).toContain("default-src 'self'");
    await page.locator('#verdict[data-trust="yes"]').waitFor();
    expect(await page.locator('#verdict').textContent()).toBe(
      'Forecasts of departures can be trusted right now.',
    );
    await page.locator('.model').first().waitFor();
    expect(await page.locator('.tile').count()).toBe(5);
    expect(await page.locator('.chip').allTextContents()).toEqual([
      'LAS 8.3\u202f% worse',
      'GUC stale',
      'OAJ stale',
    ]);
    expect(errors).toEqual([]);
  });

  it('draws actuals and the forecast, above the fold of a desktop', async () => {
    const { page, errors } = await open();
    const { actual, forecast } = await chartInk(page);
    expect(actual).toBeGreaterThan(500);
    expect(forecast).toBeGreaterThan(100);
    const box = await page.locator('#chart').boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(DESKTOP.height);
    expect(errors).toEqual([]);
  });

  it('fits a phone without scrolling sideways', async () => {
    const { page } = await open(PHONE);
    const { actual } = await chartInk(page);
    expect(actual).toBeGreaterThan(200);
    expect(await pageWidth(page)).toBe(PHONE.width);
    expect(await page.locator('.search-field kbd').isHidden()).toBe(true);
    expect(await page.locator('#legend .at').textContent()).toContain('touch the chart');
  });

  it('opens the series with the largest values, not the first name of the list', async () => {
    const { page } = await open();
    await chartInk(page);
    expect((await listedNames(page))[0]).toBe(HOSTILE_ID);
    expect(await page.locator('#series-heading').textContent()).toBe('ATL');
    expect(page.url()).not.toContain('series=');
  });

  it('leads from more exceptions than it names to the list, worst first', async () => {
    const { page } = await open(DESKTOP, '?stream=troubled');
    await page.locator('.more', { hasText: 'and 35 more' }).click();
    const worst = await page.locator('.option .against').first().textContent();
    expect(worst).toContain('▲');
    const pressed = page.locator('#orders button[aria-pressed="true"]');
    expect(await pressed.textContent()).toBe('Worst first');
    expect(await page.locator('#search:focus').count()).toBe(1);
  });

  it('explains a word by keys, and keeps the focus when its part is written anew', async () => {
    const { page } = await open();
    await followed('ATL');
    await page.locator('#tiles .term').focus();
    await page.keyboard.press('Enter');
    await page.locator('#term-naive').waitFor();
    const old = await page.locator('#tiles .term').elementHandle();
    server.push('model', modelEvent('ModelTrained', '20010603-aaaa', NOW));
    await old.waitForElementState('hidden');
    expect(await page.locator('#term-naive').isVisible()).toBe(true);
    expect(await page.locator('#tiles .term:focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.locator('#term-naive').waitFor({ state: 'hidden' });
  });

  it('finds and opens a series by keys alone', async () => {
    const { page } = await open();
    await chartInk(page);
    await page.keyboard.press('/');
    await page.keyboard.type('t');
    await expect.poll(() => listedNames(page)).toEqual(WITH_T);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.locator('#series-heading').textContent()).toBe(WITH_T[1]);
    expect(new URL(page.url()).searchParams.get('series')).toBe(WITH_T[1]);
    const { actual } = await chartInk(page);
    expect(actual).toBeGreaterThan(500);
  });

  it('shows a series id that is markup as text', async () => {
    const { page, errors } = await open(
      DESKTOP,
      `?series=${encodeURIComponent(HOSTILE_ID)}&stream=departures`,
    );
    await chartInk(page);
    expect(await page.locator('#series-heading').textContent()).toBe(HOSTILE_ID);
    expect(await listedNames(page)).toContain(HOSTILE_ID);
    expect(await page.locator('img').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('turns dark on request, redraws the chart in dark, and remembers', async () => {
    const { page } = await open();
    await chartInk(page);
    const light = await paperColour(page);
    await page.locator('#theme').click();
    await expect.poll(() => paperColour(page)).not.toBe(light);
    expect(await page.locator('#theme').getAttribute('aria-pressed')).toBe('true');
    await page.reload();
    expect(await themeOf(page)).toBe('dark');
    const { actual } = await chartInk(page);
    expect(actual).toBeGreaterThan(500);
  });

  it('lists a model event that is pushed, above the others', async () => {
    const { page } = await open();
    await page.locator('.event').first().waitFor();
    const before = await page.locator('.event').first().textContent();
    await followed('ATL');
    server.push('model', modelEvent('ModelRejected', '20010603-e511', NOW));
    await page.locator('.event.is-new').waitFor();
    const first = await page.locator('.event').first().textContent();
    expect(before).not.toContain('20010603-e511');
    expect(first).toContain('departures 20010603-e511 rejected');
    const adoptions = page.locator('.event', { hasText: 'adopted as champion' });
    expect(await adoptions.allTextContents()).toEqual([expect.stringContaining('by 4 tasks')]);
  });

  it('has all numbers in a table, and adds a score that is pushed', async () => {
    const { page } = await open();
    await chartInk(page);
    await page.locator('#views button', { hasText: 'Table' }).click();
    const rows = page.locator('#table tbody tr');
    expect(await rows.count()).toBe(168 + 24);
    // A table has nothing to be moved over.
    expect(await page.locator('#legend').isHidden()).toBe(true);
    await followed('ATL');
    const [atlanta] = FIXTURE_SERIES;
    if (atlanta === undefined) throw new Error('no fixture');
    server.push('score', nextScore(seriesResponse(atlanta, 336), 777));
    await page.locator('#table td', { hasText: '777' }).first().waitFor();
    const row = page.locator('#table tr', { hasText: '777' }).first();
    expect(await row.locator('th').textContent()).toBe('3 Jun 2001 14:00');
  });

  it('says where there is nothing yet, and why a series cannot be shown', async () => {
    const { page } = await open();
    await page.locator('#stream').selectOption('arrivals');
    await page.locator('#verdict', { hasText: 'no series has been observed' }).waitFor();
    await page.locator('#chart', { hasText: 'No series yet' }).waitFor();
    await page.locator('#models', { hasText: 'No model yet' }).waitFor();
    const { page: other } = await open(DESKTOP, '?stream=departures&series=NOWHERE');
    await other.locator('#chart .failure', { hasText: 'no series "NOWHERE"' }).waitFor();
  });

  it('says that the server is gone, gives no verdict, and recovers by itself', async () => {
    const mortal = await fixtureServer();
    const { page } = await open();
    await page.goto(mortal.url);
    await page.locator('#verdict[data-trust="yes"]').waitFor();
    await mortal.close();
    await page.locator('#connection[data-state="disconnected"]').waitFor();
    expect(await page.locator('#interruption').textContent()).toContain('as of 3 Jun 2001 14:2');
    expect(await page.locator('#verdict').textContent()).toContain('No verdict');
    const revived = await fixtureServer(mortal.port);
    onTestFinished(() => revived.close());
    await page.locator('#connection[data-state="live"]').waitFor({ timeout: RECONNECT_MS });
    await page.locator('#verdict[data-trust="yes"]').waitFor();
    expect(await page.locator('#interruption').isHidden()).toBe(true);
  });
});
