// Usage: tsx test/dashboard/screenshot.ts URL OUT.png [WIDTH] [light|dark]
import { chromiumPath, openBrowser } from './chromium.ts';

const WIDTH = 1440;
const HEIGHT = 900;
const NARROW = 760;

const [url, out, width = String(WIDTH), theme = 'light'] = process.argv.slice(2);
const path = chromiumPath();
if (url === undefined || out === undefined || path === undefined) {
  process.stderr.write(
    path === undefined
      ? 'no chromium: install it, or name it in TIDECAST_CHROMIUM\n'
      : 'usage: tsx test/dashboard/screenshot.ts URL OUT.png [WIDTH] [light|dark]\n',
  );
  process.exit(2);
}

const browser = await openBrowser(path);
try {
  const page = await browser.newPage({
    viewport: { width: Number(width), height: HEIGHT },
    colorScheme: theme === 'dark' ? 'dark' : 'light',
    deviceScaleFactor: 2,
  });
  await page.goto(url);
  await page.locator('#chart canvas').waitFor();
  await page.locator('#models .model, #models .blank').first().waitFor();
  // A narrow page is one column, so it is shown whole.
  await page.screenshot({ path: out, fullPage: Number(width) < NARROW, animations: 'disabled' });
} finally {
  await browser.close();
}
