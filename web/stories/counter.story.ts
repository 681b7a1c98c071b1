import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  book,
  call,
  customer,
  DESKTOP,
  house,
  openBrowser,
  schedule,
  seriousViolations,
  signIn,
  tokenOfAdmin,
  until,
  visit,
} from './visitor';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

async function atWork(): Promise<Page> {
  const page = await visit(browser, DESKTOP);
  await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
  return page;
}

const seat = (page: Page, name: string) => page.locator(`[data-seat="${name}"]`);

describe('at the counter', () => {
  it('seats are kept back for the press, given to it, and released', async () => {
    const admin = await tokenOfAdmin();
    const screening = await schedule(admin, await house(admin, 'Press'), '20:00');
    const page = await atWork();
    await page.goto(`/admin/screenings/${screening}`);
    for (const name of ['B-1', 'B-2', 'B-3']) await seat(page, name).click();
    await page.getByLabel('For whom, or why').fill('Press');
    await page.getByRole('button', { name: 'Keep back' }).click();
    await page.getByText('B-1 to B-3').waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.goto(`/admin/box-office?screening=${screening}`);
    await seat(page, 'B-2').click();
    await page.getByText('House seats: Press').waitFor();
    await page.getByRole('radio', { name: 'Free' }).click();
    await page.getByLabel('Reason').fill('The Daily');
    await page.getByRole('button', { name: 'Give 1 seat' }).click();
    await page.getByText('Sold', { exact: true }).first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.goto(`/admin/screenings/${screening}`);
    await page.getByRole('button', { name: 'Release' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await page.getByText('All seats are on sale.').waitFor();
    await until(
      () => call<{ available_seats: number; capacity: number }>('GET', `/screenings/${screening}`),
      ({ available_seats: free, capacity }) => free === capacity - 1,
    );
    await page.context().close();
  });

  it('a till is opened, takes cash, and is closed with the right count', async () => {
    const admin = await tokenOfAdmin();
    const screening = await schedule(admin, await house(admin, 'Cash'), '20:00');
    const page = await atWork();
    await page.goto(`/admin/box-office?screening=${screening}`);
    await page.getByRole('button', { name: 'Best 2 seats' }).click();
    await page.getByLabel('Given').fill('600');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Cash needs an open till.').waitFor();
    await page.getByRole('button', { name: 'Open the till' }).last().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Cash in INR').fill('1000');
    await dialog.getByRole('button', { name: 'Open the till' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Cash needs an open till.').waitFor({ state: 'detached' });
    await page.getByText('₹100', { exact: true }).waitFor();
    await page.keyboard.press('Control+Enter');
    const printed = page.waitForResponse((answer) => answer.url().endsWith('/tickets.pdf?paper=a5'));
    await page.getByRole('button', { name: 'Print tickets' }).click();
    expect((await printed).status()).toBe(200);
    await page.getByRole('button', { name: /^Till open since/ }).click();
    await dialog.getByLabel('Cash in INR').fill('1500');
    await dialog.getByRole('button', { name: 'Close the till' }).click();
    await page.getByText('The count is right.').waitFor();
    await page.context().close();
  });

  it('a code that the buyer names lowers the price, and a wrong one is explained', async () => {
    const admin = await tokenOfAdmin();
    const screening = await schedule(admin, await house(admin, 'Codes'), '20:00');
    const code = `COUNTER-${String(Date.now())}`;
    await call('POST', '/promotions', { code, percent: 10, name: 'Friends', uses_max: 5 }, admin);
    const page = await atWork();
    await page.goto(`/admin/box-office?screening=${screening}`);
    await page.getByRole('button', { name: 'Best 2 seats' }).click();
    await page.getByLabel('Promotion code').fill('NO-SUCH-CODE');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('There is no such code').waitFor();
    await page.getByRole('button', { name: 'Without the code' }).click();
    await page.getByLabel('Promotion code').fill(code.toLowerCase());
    await page.getByLabel('Promotion code').press('Enter');
    await page.getByText('₹50 less').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('radio', { name: 'UPI' }).click();
    await page.getByRole('button', { name: 'Sell for ₹450' }).click();
    await page.getByRole('button', { name: 'Print tickets' }).waitFor();
    await page.context().close();
  });
});

describe('at the desk', () => {
  it('a caller is found by the number, gives one of three seats back, and is noted down', async () => {
    const admin = await tokenOfAdmin();
    const screening = await schedule(admin, await house(admin, 'Desk'), '20:00');
    const { token } = await customer(admin, 'Zoya');
    const booking = await book(token, screening, ['C-1', 'C-2', 'C-3']);
    const { reference } = await call<{ reference: string }>('GET', `/bookings/${booking}`, undefined, token);
    const page = await atWork();
    await page.goto('/admin/desk');
    await page.getByLabel('Number, name, e-mail, show or seat').fill(reference.toLowerCase());
    await page.getByRole('link', { name: new RegExp(reference) }).click();
    await page.getByText('₹750 was paid from the wallet.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Give seats back' }).click();
    for (const name of ['C-1', 'C-2']) await page.getByRole('checkbox', { name }).uncheck();
    await page.getByLabel('Reason').fill('Fell ill');
    await page.getByRole('button', { name: 'Give back', exact: true }).click();
    await page.getByText(/The house took back C-3 .*Fell ill/).waitFor();
    const { seats } = await until(
      () => call<{ seats: string[] }>('GET', `/bookings/${booking}`, undefined, token),
      (answer) => answer.seats.length === 2,
    );
    expect(seats).toEqual(['C-1', 'C-2']);
    await page.getByLabel('New note').fill('Rang up, will come again in May.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await page.getByRole('listitem').filter({ hasText: 'will come again in May' }).waitFor();
    await page.getByRole('link', { name: 'All bookings, money and mails' }).click();
    await page.getByRole('heading', { name: 'Zoya' }).waitFor();
    await page.context().close();
  });

  it('a buyer without an account is erased after a question, and the tickets stay', async () => {
    const admin = await tokenOfAdmin();
    const screening = await schedule(admin, await house(admin, 'Erased'), '20:00');
    const sale = {
      screening_id: screening,
      seats: [{ seat: 'C-1' }],
      method: 'upi',
      customer: { name: 'Kabir Erasable', email: 'kabir.erasable@example.com' },
    };
    const sold = await call<{ booking_id: string; reference: string }>('POST', '/box-office/sales', sale, admin);
    const page = await atWork();
    await page.goto('/admin/desk');
    await page.getByLabel('Number, name, e-mail, show or seat').fill('kabir erasable');
    await page.getByRole('link', { name: new RegExp(sold.reference) }).click();
    await page.getByText('kabir.erasable@example.com').waitFor();
    await page.getByLabel('New note').fill('Comes late.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Comes late.' }).waitFor();

    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Erase the buyer' }).click();
    await dialog.getByRole('button', { name: 'Keep the buyer' }).click();
    await page.getByText('kabir.erasable@example.com').waitFor();
    await page.getByRole('button', { name: 'Erase the buyer' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByText('Erased', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Erase the buyer' }).waitFor({ state: 'detached' });
    expect(await page.getByText(/kabir|Comes late/i).count()).toBe(0);
    await page.getByRole('button', { name: 'Print' }).first().waitFor();
    await page.context().close();
  });
});
