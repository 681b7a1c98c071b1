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
    await page.getByText('This is not a ticket or a booking of ours.').waitFor();
    await page.context().close();
  });

  it('a party is found by its number, and comes in one by one or together', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Matunga');
    const screening = await schedule(admin, place, '20:00');
    const { token } = await customer(admin, 'Pia');
    const booking = await book(token, screening, ['C-1', 'C-2', 'C-3']);
    const { reference } = await call<{ reference: string }>('GET', `/bookings/${booking}`, undefined, token);
    const page = await visit(browser, PHONE);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/check-in?screening=${screening}`);
    const guests = page.getByRole('region', { name: 'Guests' });
    await guests.getByRole('article', { name: 'Pia' }).waitFor();
    const field = page.getByLabel('Or type the code');
    await field.fill(reference.toLowerCase().replace('-', ''));
    await field.press('Enter');
    await page.getByRole('button', { name: 'Admit seat C-2' }).first().click();
    await page.getByText('1in of 3').waitFor();
    await page.getByRole('button', { name: 'Admit the other 2' }).first().click();
    await page.getByText('3in of 3').waitFor();
    await page.getByRole('button', { name: 'Undo the check-in of seat C-2' }).first().click();
    await page.getByText('2in of 3').waitFor();
    await page.context().close();
  });

  it('without a network the device checks tickets itself, and reports them later', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Sion');
    const screening = await schedule(admin, place, '20:00');
    const { token } = await customer(admin, 'Ira');
    const booking = await book(token, screening, ['A-1', 'A-2']);
    const { tickets } = await call<{ tickets: { seat: string; code: string }[] }>(
      'GET',
      `/bookings/${booking}`,
      undefined,
      token,
    );
    const [first, second] = tickets.map(({ code }) => code);
    const page = await visit(browser, PHONE);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/check-in?screening=${screening}`);
    await page.getByText('0in of 2').waitFor();
    await page.context().setOffline(true);
    const field = page.getByLabel('Or type the code');
    await field.fill(first ?? '');
    await field.press('Enter');
    await page.getByText('Checked on this device.').waitFor();
    await page.getByText('1 check-in not reported yet.').waitFor();
    await field.fill(first ?? '');
    await field.press('Enter');
    await page.getByText(/Seat A-1 came in already/).waitFor();
    // Another door, which has a network, admits the second guest meanwhile; here a copy of that ticket comes in too.
    await call('POST', '/check-ins', { code: second, screening_id: screening }, admin);
    await field.fill(second ?? '');
    await field.press('Enter');
    await page.getByText('2 check-ins not reported yet.').waitFor();
    await page.context().setOffline(false);
    await page.getByText(/One of the two guests has a copy/).waitFor();
    await until(
      () => call<{ checked_in: number }>('GET', `/screenings/${screening}/check-ins`, undefined, admin),
      ({ checked_in: inside }) => inside === 2,
    );
    await page.getByRole('button', { name: 'I have seen this' }).click();
    await page.getByText(/not reported yet/).waitFor({ state: 'detached' });
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
