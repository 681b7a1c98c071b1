import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { call, DESKTOP, openBrowser, origin, PHONE, screeningIn, seriousViolations, signIn, visit } from './visitor';

/** Largest contentful paint on the local stack, in milliseconds, and layout shift: the house's budgets. */
const PAINT_MAX = 1_500;
const SHIFT_MAX = 0.05;

let browser: Browser;
let show: string;
let venue: string;
let screening: string;
beforeAll(async () => {
  browser = await openBrowser();
  const first = async (path: string) => (await call<{ items: Record<string, string>[] }>('GET', path)).items[0] ?? {};
  show = (await first('/shows?city=Mumbai&limit=1')).show_id ?? '';
  venue = (await first('/venues?city=Mumbai&limit=1')).venue_id ?? '';
  screening = await screeningIn('Mumbai', 0);
});
afterAll(async () => {
  await browser.close();
});

async function settled(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  await page.locator('main h1').first().waitFor({ state: 'attached' });
}

const guests = () => ['/', '/shows', `/shows/${show}`, '/venues', `/venues/${venue}`, `/screenings/${screening}`, '/sign-in', '/forgotten', '/reset?token=x', '/bookings', '/nowhere'];
const customers = () => ['/bookings', '/wallet', '/profile'];
const administrators = () => ['/admin', '/admin/schedule', '/admin/shows', `/admin/shows/${show}`, '/admin/venues', `/admin/venues/${venue}`, '/admin/money', '/admin/cascades', '/admin/people', '/admin/system', '/admin/history', '/check-in'];

describe('every page', () => {
  for (const [name, as] of [['on a desk', DESKTOP], ['on a phone', PHONE]] as const) {
    it(`keeps nobody out, ${name}`, async () => {
      const found: string[] = [];
      const look = async (page: Page, paths: string[]) => {
        for (const path of paths) {
          await settled(page, path);
          found.push(...(await seriousViolations(page)).map((violation) => `${path} ${violation}`));
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          if (beyond > 0) found.push(`${path} is ${String(beyond)} px too wide`);
        }
        await page.context().close();
      };
      await look(await visit(browser, as), guests());
      const customer = await visit(browser, as);
      await signIn(customer, 'asha@example.com');
      await look(customer, customers());
      const admin = await visit(browser, as);
      await signIn(admin, 'admin@ticketshow.local', process.env.STORIES_ADMIN_PASSWORD);
      await look(admin, administrators());
      expect(found).toEqual([]);
    }, 240_000);
  }

  it('is painted soon and stands still', async () => {
    const measured = async (path: string) => {
      const page = await visit(browser, { ...DESKTOP, reducedMotion: 'no-preference' });
      await page.addInitScript(() => {
        const seen = { paint: 0, shift: 0 };
        (window as unknown as { seen: typeof seen }).seen = seen;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) seen.paint = Math.max(seen.paint, entry.startTime);
        }).observe({ type: 'largest-contentful-paint', buffered: true });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) if (!entry.hadRecentInput) seen.shift += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
      });
      await settled(page, path);
      const seen = await page.evaluate(() => (window as unknown as { seen: { paint: number; shift: number } }).seen);
      await page.context().close();
      return seen;
    };
    for (const path of ['/', `/shows/${show}`]) {
      // The best of three fresh browsers: what else the machine does is not the app's doing.
      const seen = [await measured(path), await measured(path), await measured(path)];
      expect(Math.min(...seen.map(({ paint }) => paint)), `${path}: largest paint`).toBeLessThanOrEqual(PAINT_MAX);
      expect(Math.min(...seen.map(({ shift }) => shift)), `${path}: layout shift`).toBeLessThanOrEqual(SHIFT_MAX);
    }
  });

  it('says so when the API is away, and goes on by itself once it is back', async () => {
    const page = await visit(browser, DESKTOP);
    let away = true;
    await page.route(`${origin()}/api/**`, (route) => (away ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"type":"/problems/unavailable","title":"Away","status":503}' }) : route.continue()));
    await page.goto('/shows');
    await page.getByText('Something is not working on our side').waitFor();
    away = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('main li').first().waitFor();
    await page.context().close();
  });
});
