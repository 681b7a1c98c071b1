import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';

import { ADMIN, book, call, customer, house, openBrowser, PHONE, schedule, signIn, tokenOfAdmin, visit } from './visitor';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe('at the door', () => {
  it('a typed code lets one person in, once', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Nagar');
    const screening = await schedule(admin, place, '20:00');
    const { token } = await customer(admin, 'Uma');
    const booking = await book(token, screening, ['C-7']);
    const { tickets } = await call<{ tickets: { code: string }[] }>('GET', `/bookings/${booking}`, undefined, token);
    const page = await visit(browser, PHONE);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto('/check-in');
    const field = page.getByLabel('Or type the code');
    await field.fill(tickets[0]?.code ?? '');
    await field.press('Enter');
    await page.getByText('C-7', { exact: true }).waitFor();
    await page.getByText('1 in of 1').waitFor();
    await field.fill(tickets[0]?.code ?? '');
    await field.press('Enter');
    await page.getByText('This ticket was used already.').waitFor();
    await field.fill('not a code of ours');
    await field.press('Enter');
    await page.getByText(/This is not a (whole code|ticket of ours)/).waitFor();
    await page.context().close();
  });
});
