import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  book,
  call,
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
  type House,
} from './visitor';

let browser: Browser;
let admin: string;
let place: House;
beforeAll(async () => {
  browser = await openBrowser();
  admin = await tokenOfAdmin();
  place = await house(admin, 'Wardha');
});
afterAll(async () => {
  await browser.close();
});

const seat = (page: Page, name: string) => page.locator(`[data-seat="${name}"]`);

describe('seats that are held', () => {
  it('stay in sight, and others replace them', async () => {
    const screening = await schedule(admin, place, '18:30');
    const ada = await customer(admin, 'Ada');
    const page = await visit(browser, DESKTOP);
    await signIn(page, ada.email, ada.password);
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'B-3').click();
    await seat(page, 'B-4').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/checkout/**');
    const strip = page.locator('[data-hold-strip]');
    for (const path of ['/', '/shows', '/bookings', '/wallet', `/screenings/${screening}`]) {
      await page.goto(path);
      await strip.getByText('B-3 and B-4').waitFor();
      expect(await strip.getByRole('timer').textContent()).toMatch(/^[0-9]:\d\d$/);
      expect(await seriousViolations(page)).toEqual([]);
    }
    await strip.getByRole('link', { name: /Pay$/ }).click();
    await page.getByRole('link', { name: 'Change seats' }).click();

    // The old seats are the start of the new choice.
    await page.locator('[data-seat="B-3"][data-state="chosen"]').waitFor();
    await seat(page, 'B-3').click();
    await seat(page, 'B-5').click();
    await page.getByRole('button', { name: 'Change seats' }).click();
    await page.waitForURL('**/checkout/**');
    await strip.getByText('B-4 and B-5').waitFor();
    const held = () =>
      call<{ items: { seats: string[] }[] }>('GET', '/bookings?status=held', undefined, ada.token).then(({ items }) =>
        items.map(({ seats }) => seats.join()),
      );
    expect(await held()).toEqual(['B-4,B-5']);
    await page.context().close();
  });
});

describe('tickets at the door', () => {
  it('fill the screen, one after the other, and close with the way back', async () => {
    const screening = await schedule(admin, place, '14:00', 1);
    const { email, password, token } = await customer(admin, 'Cleo');
    const booking = await book(token, screening, ['A-1', 'A-2', 'A-3']);
    const page = await visit(browser, PHONE);
    await signIn(page, email, password);
    await page.goto(`/bookings/${booking}`);
    await page.getByRole('button', { name: 'Show the code of seat A-2 large' }).click();
    const large = page.getByRole('dialog', { name: 'Tickets for the door' });
    await large.getByText('2 of 3').waitFor();
    await large.getByRole('button', { name: 'Next seat' }).click();
    await large.getByText('3 of 3').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    const swipe = await page.context().newCDPSession(page);
    await swipe.send('Input.synthesizeScrollGesture', { x: 180, y: 400, xDistance: 250, yDistance: 0, speed: 1_500 });
    await large.getByText('2 of 3').waitFor();
    await page.goBack();
    await large.waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('');
    await page.context().close();
  });
});
