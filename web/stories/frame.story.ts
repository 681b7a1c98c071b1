import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADMIN, call, DESKTOP, openBrowser, signIn, tokenOfAdmin, visit } from './visitor';

const WIDTHS = [320, 360, 390, 820, 1_440];
const LONG_NAME = 'Venkatanarasimharajuvaripeta Subrahmanyaswamy Lakshminarayanan Wolfeschlegelsteinhausen';

let browser: Browser;
let staff: { email: string; password: string };
beforeAll(async () => {
  browser = await openBrowser();
  const admin = await tokenOfAdmin();
  staff = { email: `long-${Date.now().toString(36)}@example.com`, password: 'long enough' };
  const { user_id: user } = await call<{ user_id: string }>(
    'POST',
    '/admin/accounts',
    { ...staff, name: LONG_NAME },
    admin,
  );
  await call('PUT', `/admin/accounts/${user}/role`, { role: 'manager' }, admin);
});
afterAll(async () => {
  await browser.close();
});

/** What does not fit: of the name of the frame, and of the header within the window. */
const beyond = (page: Page) =>
  page.evaluate(() => {
    const name = document.querySelector('[data-frame-name]');
    const header = document.querySelector('header');
    return [
      name ? name.scrollWidth - name.clientWidth : 0,
      header ? header.scrollWidth - header.clientWidth : -1,
      document.documentElement.scrollWidth - document.documentElement.clientWidth,
    ];
  });

describe('the header', () => {
  it.each(['en', 'hi'])(
    'shows its name in full at every width, in %s',
    async (language) => {
      const found: Record<string, number[]> = {};
      for (const { email, password } of [{ email: ADMIN, password: process.env.STORIES_ADMIN_PASSWORD ?? '' }, staff]) {
        const page = await visit(browser, DESKTOP);
        await signIn(page, email, password);
        // Those who work for the house begin with their work.
        expect(new URL(page.url()).pathname).toBe(email === ADMIN ? '/admin' : '/admin/box-office');
        await page.evaluate((tag) => {
          localStorage.setItem('ticketshow.language', tag);
        }, language);
        for (const path of ['/admin', '/check-in?choose', '/', '/shows']) {
          await page.goto(path);
          expect(await page.getAttribute('html', 'lang')).toBe(language);
          await page.locator('header').getByRole('button', { expanded: false }).last().waitFor();
          for (const width of WIDTHS) {
            await page.setViewportSize({ width, height: 800 });
            const pixels = await beyond(page);
            if (pixels.some((one) => one > 0)) found[`${email} ${path} ${String(width)}`] = pixels;
          }
        }
        await page.context().close();
      }
      expect(found).toEqual({});
    },
    120_000,
  );
});
