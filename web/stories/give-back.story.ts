import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  book,
  customer,
  DESKTOP,
  house,
  openBrowser,
  PHONE,
  schedule,
  seriousViolations,
  signIn,
  tokenOfAdmin,
  visit,
} from './visitor';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe.each([
  ['a desktop', DESKTOP],
  ['a phone', PHONE],
])('on %s', (name, device) => {
  it('a customer gives one of two seats back, and the other ticket stays', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, name.endsWith('phone') ? 'Bidar' : 'Latur');
    const screening = await schedule(admin, place, '18:30');
    const guest = await customer(admin, 'Meera');
    const booking = await book(guest.token, screening, ['A-1', 'A-2']);

    const page = await visit(browser, device);
    await signIn(page, guest.email, guest.password);
    await page.goto(`/bookings/${booking}`);
    await page.getByRole('button', { name: 'Invoice', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Give seats back' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: /^A-1/ }).check();
    await dialog.getByRole('checkbox', { name: /^A-2/ }).check();
    await dialog.getByText('To give all seats back').waitFor();
    await dialog.getByRole('checkbox', { name: /^A-1/ }).uncheck();
    await dialog.getByText('₹250 goes back to your wallet at once. Your other tickets stay valid.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Give one seat back' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('You gave A-2 back. ₹250 is back in your wallet.').waitFor();
    await page.getByRole('img', { name: /A-1/ }).waitFor();
    // The file has the credit note from now on, and its button says so.
    await page.getByRole('button', { name: 'Invoice and credit note' }).waitFor();
    expect(await page.getByRole('img', { name: /A-2/ }).count()).toBe(0);
    // One seat cannot be given back in part.
    expect(await page.getByRole('button', { name: 'Give seats back' }).count()).toBe(0);
    await page.context().close();
  });
});
