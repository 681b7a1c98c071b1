import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADMIN, call, DESKTOP, house, openBrowser, schedule, signIn, tokenOfAdmin, until, visit } from './visitor';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

/** A picture, painted by the browser itself. */
async function paint(width: number, height: number): Promise<Buffer> {
  const page = await visit(browser, DESKTOP);
  const url = await page.evaluate(
    ([w, h]) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [w, h];
      const context = canvas.getContext('2d');
      if (!context) return '';
      context.fillStyle = '#0b5d3b';
      context.fillRect(0, 0, w, h);
      context.fillStyle = '#ffb81c';
      context.fillRect(w / 4, h / 4, w / 2, h / 3);
      return canvas.toDataURL('image/png');
    },
    [width, height] as const,
  );
  await page.context().close();
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

describe('a poster', () => {
  it('is looked at before it is sent, goes up, and is what customers see', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Matheran');
    await schedule(admin, place, '19:30');
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/shows/${place.show}`);
    const file = page.getByLabel('Poster file');
    await file.setInputFiles({ name: 'poster.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') });
    await page.getByText('This is no JPEG, PNG or WebP picture.').waitFor();
    await file.setInputFiles({
      name: 'poster.png',
      mimeType: 'image/png',
      buffer: Buffer.from('not a picture at all'),
    });
    await page.getByText('This file cannot be read as a picture.').waitFor();
    await file.setInputFiles({ name: 'poster.png', mimeType: 'image/png', buffer: await paint(800, 1_200) });
    await page.getByText('The poster is up.').waitFor();
    const { poster_url: url } = await until(
      () => call<{ poster_url: string | null }>('GET', `/shows/${place.show}`),
      (show) => show.poster_url !== null,
    );
    await page.context().close();

    const guest = await visit(browser, DESKTOP);
    await guest.goto(`/shows/${place.show}`);
    const picture = guest.locator('main img').first();
    await picture.waitFor();
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth), {
        timeout: 10_000,
      })
      .toBeGreaterThan(0);
    // Straight from the store, not through the API.
    expect(new URL(await picture.evaluate((image: HTMLImageElement) => image.currentSrc)).pathname).not.toMatch(
      /^\/api\//,
    );
    await guest.goto(`/shows?city=${place.city}`);
    await expect.poll(() => guest.locator('main li img').first().getAttribute('src')).toBe(url);

    // Without the store, the drawn poster is shown.
    await guest.route(`${new URL(url ?? '').origin}/**`, (route) => route.abort());
    await guest.reload();
    await guest.locator('main li svg').first().waitFor();
    await guest.context().close();
  });
});
