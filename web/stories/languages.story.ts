import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADMIN, call, DESKTOP, openBrowser, PHONE, signIn, visit } from './visitor';

let browser: Browser;
let paths: string[] = [];
beforeAll(async () => {
  browser = await openBrowser();
  interface List {
    items: { show_id: string; venue_id: string; screening_id: string }[];
  }
  const [shows, venues, screenings] = await Promise.all(
    ['/shows?status=active&limit=1', '/venues?limit=1', '/screenings?limit=1'].map((path) => call<List>('GET', path)),
  );
  paths = [
    '/',
    '/shows',
    `/shows/${shows?.items[0]?.show_id ?? ''}`,
    `/screenings/${screenings?.items[0]?.screening_id ?? ''}`,
    '/venues',
    `/venues/${venues?.items[0]?.venue_id ?? ''}`,
    '/search?q=a',
    '/bookings',
    '/sign-in',
    '/forgotten',
  ];
});
afterAll(async () => {
  await browser.close();
});

/** By how many pixels the page is wider than the screen. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe('languages', () => {
  it('the one of the browser is shown, and no page scrolls sideways on a small phone', async () => {
    const page = await visit(browser, { ...PHONE, locale: 'hi-IN' });
    for (const path of paths) {
      await page.goto(path);
      await page.locator('main h1').first().waitFor();
      expect(await page.getAttribute('html', 'lang'), path).toBe('hi');
      expect(await page.locator('nav').last().innerText(), path).toMatch(/\p{Script=Devanagari}/u);
      expect(await overflow(page), path).toBe(0);
    }
    await page.context().close();
  });

  it('another one is chosen at the foot of the page, and kept', async () => {
    const page = await visit(browser, DESKTOP);
    await page.goto('/venues');
    await page.getByRole('heading', { name: 'Venues', level: 1 }).waitFor();
    await page.getByLabel('Language of the site').selectOption({ label: 'हिन्दी' });
    await page.getByRole('heading', { name: 'थिएटर', level: 1 }).waitFor();
    await page.goto('/shows');
    await page.getByRole('heading', { name: /के शो$/ }).waitFor();
    await page.context().close();
  });

  it('staff read theirs at work, and choose another in the account menu', async () => {
    const page = await visit(browser, PHONE);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.locator('header button[aria-expanded]').click();
    await page.getByLabel('Language of the site').first().selectOption({ label: 'हिन्दी' });
    await page.waitForFunction(() => document.documentElement.lang === 'hi');
    const work = ['', '/box-office', '/desk', '/schedule', '/shows', '/venues', '/money', '/promotions', '/people'];
    for (const path of ['/check-in', ...work.map((room) => `/admin${room}`), '/admin/mails', '/admin/system']) {
      await page.goto(path);
      const heading = page.locator('main h1').first();
      await heading.waitFor();
      expect(await page.getAttribute('html', 'lang'), path).toBe('hi');
      expect(await heading.innerText(), path).toMatch(/\p{Script=Devanagari}/u);
      expect(await overflow(page), path).toBe(0);
    }
    await page.goto('/check-in');
    await page.locator('header button[aria-expanded]').click();
    await page.getByLabel('साइट की भाषा').selectOption({ label: 'English' });
    await page.getByRole('heading', { name: 'Which door?', level: 1 }).waitFor();
    await page.context().close();
  });

  it('from right to left, every page fits, and a seat map keeps its sides', async () => {
    const page = await visit(browser, PHONE);
    for (const path of paths) {
      await page.goto(`${path}${path.includes('?') ? '&' : '?'}lang=ar-XB`);
      await page.locator('main h1').first().waitFor();
      expect(await page.getAttribute('html', 'dir'), path).toBe('rtl');
      expect(await overflow(page), path).toBe(0);
    }
    const map = page.getByRole('grid');
    await page.goto(`${paths[3] ?? ''}?lang=ar-XB`);
    await map.waitFor();
    expect(await map.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr');
    await page.context().close();
  });
});
