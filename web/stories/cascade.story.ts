import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADMIN, book, customer, DESKTOP, house, openBrowser, schedule, signIn, tokenOfAdmin, visit } from './visitor';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe('a show that is cancelled', () => {
  it('shows beforehand whom it affects, counts to the end, and refunds everybody', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Karad');
    const screenings = [await schedule(admin, place, '15:00'), await schedule(admin, place, '19:00', 1)];
    const people = [await customer(admin, 'Ada'), await customer(admin, 'Bob')];
    const bookings: string[] = [];
    for (const { token } of people)
      for (const screening of screenings)
        bookings.push(await book(token, screening, token === people[0]?.token ? ['A-1', 'A-2'] : ['C-3']));

    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/shows/${place.show}`);
    await page.getByRole('button', { name: 'Cancel show' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('4 bookings of 2 customers will be cancelled').waitFor();
    await dialog.getByText('2 screenings to come.').waitFor();
    // Six seats for 250 each.
    await dialog.getByText('₹1,500').waitFor();
    await dialog.getByLabel('Reason').fill('The film was lost');
    await dialog.getByRole('button', { name: 'Cancel for good' }).click();

    await page.waitForURL('**/admin/cascades/**');
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 60_000 });
    for (const [name, total] of [
      ['Cancelled', 4],
      ['Refunded', 4],
    ] as const) {
      expect(await page.getByRole('progressbar', { name }).getAttribute('aria-valuenow')).toBe(String(total));
    }
    await page.getByText('The film was lost').waitFor();
    await expect
      .poll(() => page.getByRole('progressbar', { name: 'Notified by mail' }).getAttribute('aria-valuenow'), {
        timeout: 30_000,
      })
      .toBe('4');
    await page.context().close();

    const guest = await visit(browser, DESKTOP);
    await signIn(guest, people[0]?.email ?? '', people[0]?.password);
    await guest.goto(`/bookings/${bookings[0] ?? ''}`);
    await guest.getByText('₹500 is back in your wallet.').waitFor();
    await guest.goto('/wallet');
    await guest.getByText('₹10,000').first().waitFor();
    await guest.goto(`/shows/${place.show}`);
    await guest.getByText('This show was cancelled.').waitFor();
    await guest.context().close();
  });
});
