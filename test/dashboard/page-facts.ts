import type { Page } from 'playwright-core';

// What runs in the page is text: the types of these tests are those of Node, which has no document.

const INK = `(() => {
  const canvas = document.querySelector('#chart canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const style = getComputedStyle(document.documentElement);
  const coloured = (property) => {
    const hex = style.getPropertyValue(property).trim().slice(1);
    const wanted = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    let pixels = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (wanted.every((value, channel) => data[at + channel] === value)) pixels += 1;
    }
    return pixels;
  };
  return { actual: coloured('--chart-actual'), forecast: coloured('--chart-forecast') };
})()`;

export interface ChartInk {
  readonly actual: number;
  readonly forecast: number;
}

/** Pixels of the chart that have the colour of actuals, and that of the forecast. */
export const chartInk = async (page: Page): Promise<ChartInk> => {
  await page.locator('#chart canvas').waitFor();
  await page.locator('#legend .key-actual').waitFor();
  return page.evaluate<ChartInk>(INK);
};

export const paperColour = (page: Page): Promise<string> =>
  page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

export const themeOf = (page: Page): Promise<string> =>
  page.evaluate<string>('document.documentElement.dataset.theme');

/** Wider than the viewport: it scrolls sideways. */
export const pageWidth = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth');

export const listedNames = (page: Page): Promise<string[]> =>
  page.locator('#series-list .name').allTextContents();
