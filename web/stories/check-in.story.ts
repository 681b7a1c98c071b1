import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';

import { filmOf } from './film';
import {
  ADMIN,
  book,
  call,
  customer,
  house,
  openBrowser,
  origin,
  PHONE,
  schedule,
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
    await page.goto(`/check-in?screening=${screening}`);
    const field = page.getByLabel('Or type the code');
    await field.fill(tickets[0]?.code ?? '');
    await field.press('Enter');
    await page.getByText('1in of 1').waitFor();
    await page.getByText('In, ').first().waitFor();
    await field.fill(tickets[0]?.code ?? '');
    await field.press('Enter');
    await page.getByText('This ticket was used already.').waitFor();
    await field.fill('not a code of ours');
    await field.press('Enter');
    await page.getByText(/This is not a (whole code|ticket of ours)/).waitFor();
    await page.context().close();
  });

  it('the camera reads a ticket', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Dadar');
    const screening = await schedule(admin, place, '20:00');
    const { token } = await customer(admin, 'Omar');
    const booking = await book(token, screening, ['B-3']);
    const qr = await fetch(`${origin()}/api/v1/bookings/${booking}/tickets/B-3/qr.svg`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const film = await filmOf(browser, await qr.text());
    const door = await openBrowser([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]);
    const page = await visit(door, PHONE);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/check-in?screening=${screening}`);
    await page.getByRole('button', { name: 'Scan with the camera' }).click();
    await page.getByText('1in of 1').waitFor();
    // The guest who stays in front of the camera is not let in twice.
    await page.getByText('This ticket was used already.').waitFor();
    await door.close();
  });

  it('says what to do where there is no camera', async () => {
    const admin = await tokenOfAdmin();
    const screening = await schedule(admin, await house(admin, 'Parel'), '20:00');
    const page = await visit(browser, PHONE);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/check-in?screening=${screening}`);
    await page.getByRole('button', { name: 'Scan with the camera' }).click();
    await page.getByText(/camera cannot be used here/).waitFor();
    await page.context().close();
  });
});
