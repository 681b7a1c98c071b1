import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  book,
  call,
  customer,
  dayFromNow,
  DESKTOP,
  house,
  openBrowser,
  schedule,
  signIn,
  tokenOfAdmin,
  until,
  visit,
  type House,
} from './visitor';

let browser: Browser;
let admin: string;
let place: House;
let screening: string;
let dearer: string;
beforeAll(async () => {
  browser = await openBrowser();
  admin = await tokenOfAdmin();
  place = await house(admin, 'Kolhapur');
  screening = await schedule(admin, place, '14:00');
  dearer = await schedule(admin, place, '18:00', 0, dayFromNow(1), 30_000);
});
afterAll(async () => {
  await browser.close();
});

const seat = (page: Page, name: string) => page.locator(`[data-seat="${name}"]`);

/** The server carries calls out, and their answers are lost, until the returned function is called. Returns their keys, too. */
async function loseAnswers(page: Page, method: string, path: string): Promise<{ keys: string[]; stop: () => void }> {
  const keys: string[] = [];
  let isLosing = true;
  await page.route(`**/api/v1${path}`, async (route) => {
    const request = route.request();
    if (request.method() !== method) {
      await route.continue();
      return;
    }
    keys.push(request.headers()['idempotency-key'] ?? '');
    if (!isLosing) {
      await route.continue();
      return;
    }
    await route.fetch();
    await route.abort('connectionreset');
  });
  return {
    keys,
    stop: () => {
      isLosing = false;
    },
  };
}

const UNREACHABLE = 'The site cannot be reached right now.';

async function bookingsOf(token: string): Promise<{ seats: string[]; status: string }[]> {
  return (await call<{ items: { seats: string[]; status: string }[] }>('GET', '/bookings', undefined, token)).items;
}

async function balanceOf(token: string): Promise<number> {
  return (await call<{ balance: { amount_minor: number } }>('GET', '/wallet', undefined, token)).balance.amount_minor;
}

describe('an answer that is lost', () => {
  it('while seats are held leaves them chosen, and pressing again goes on with the same hold', async () => {
    const { email, password, token } = await customer(admin, 'Gia');
    const page = await visit(browser, DESKTOP);
    await signIn(page, email, password);
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'A-1').click();
    await seat(page, 'A-2').click();
    const { keys, stop } = await loseAnswers(page, 'POST', '/bookings');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(UNREACHABLE).waitFor();
    // Longer than the seat map needs to show them as held.
    await page.waitForTimeout(1_500);
    expect(await page.getByText('taken a moment ago').count()).toBe(0);
    stop();
    await page
      .getByRole('button', { name: 'Continue' })
      .or(page.locator('aside').getByRole('link', { name: 'Pay' }))
      .click();
    await page.waitForURL('**/checkout/**');
    expect(new Set(keys).size).toBe(1);
    expect((await bookingsOf(token)).map(({ seats }) => seats.join())).toEqual(['A-1,A-2']);
    await page.context().close();
  });

  it('of a payment and of a cancellation is made up for by pressing again, once each', async () => {
    const { email, password, token } = await customer(admin, 'Hal');
    const page = await visit(browser, DESKTOP);
    await signIn(page, email, password);
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'A-5').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/checkout/**');
    const payment = await loseAnswers(page, 'POST', '/bookings/*/payment');
    await page.getByRole('button', { name: /from the wallet/ }).click();
    // The page sees by itself that it is paid.
    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    payment.stop();
    expect(new Set(payment.keys).size).toBe(1);
    expect(await balanceOf(token)).toBe(975_000);

    await page.getByRole('button', { name: 'Cancel booking' }).click();
    const cancellation = await loseAnswers(page, 'DELETE', '/bookings/*');
    await page.getByRole('button', { name: 'Cancel and refund' }).click();
    await page.getByRole('dialog').getByText(UNREACHABLE).waitFor();
    cancellation.stop();
    await page.getByRole('button', { name: 'Cancel and refund' }).click();
    await page.getByText('₹250 is back in your wallet.').waitFor();
    expect(await balanceOf(token)).toBe(1_000_000);
    await page.context().close();
  });

  it('of a move is made up for by pressing again, and the difference is paid once', async () => {
    const { email, password, token } = await customer(admin, 'Ida');
    const booking = await book(token, screening, ['B-1']);
    const page = await visit(browser, DESKTOP);
    await signIn(page, email, password);
    await page.goto(`/bookings/${booking}/move?screening=${dearer}`);
    await seat(page, 'C-3').click();
    const { keys, stop } = await loseAnswers(page, 'POST', '/bookings/*/move');
    await page.getByRole('button', { name: 'Move and pay ₹50' }).click();
    await page.getByText(UNREACHABLE).waitFor();
    await page.waitForTimeout(1_500);
    stop();
    await page.getByRole('button', { name: /^Move/ }).click();
    await page.getByText('You have C-3 now.').waitFor();
    expect(new Set(keys).size).toBe(1);
    expect(await balanceOf(token)).toBe(970_000);
    await page.context().close();
  });

  it('of a sale at the counter is made up for by pressing again, and the seats are sold once', async () => {
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/box-office?screening=${dearer}`);
    await seat(page, 'D-7').click();
    await page.getByRole('radio', { name: 'Free' }).click();
    await page.getByLabel('Reason').fill('Press');
    const { keys, stop } = await loseAnswers(page, 'POST', '/box-office/sales');
    await page.getByRole('button', { name: 'Give 1 seat' }).click();
    await page.getByText(UNREACHABLE).waitFor();
    await page.waitForTimeout(1_500);
    expect(await page.getByText('sold a moment ago').count()).toBe(0);
    stop();
    await page.getByRole('button', { name: 'Give 1 seat' }).click();
    await page.getByRole('button', { name: 'Print tickets' }).waitFor();
    expect(new Set(keys).size).toBe(1);
    const sold = await until(
      () => call<{ items: { seats: string[] }[] }>('GET', `/admin/bookings?screening_id=${dearer}`, undefined, admin),
      ({ items }) => items.some(({ seats }) => seats.includes('D-7')),
    );
    expect(sold.items.filter(({ seats }) => seats.includes('D-7'))).toHaveLength(1);
    await page.context().close();
  });
});

describe('an answer to a manager that is lost', () => {
  it('while a venue opens again is repeated with its key', async () => {
    const closed = await house(admin, 'Sangli');
    await call('DELETE', `/venues/${closed.venue}`, { reason: 'Repairs' }, admin);
    await until(
      () => call<{ status: string }>('GET', `/venues/${closed.venue}`),
      ({ status }) => status !== 'active',
    );
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/venues/${closed.venue}`);
    const { keys, stop } = await loseAnswers(page, 'POST', '/venues/*/reactivation');
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByText(UNREACHABLE).waitFor();
    stop();
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByText('You can schedule screenings again.').waitFor();
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    await page.context().close();
  });
});

describe('two tabs of one person', () => {
  it('sign out together, and the one at the checkout asks to sign in again in its place', async () => {
    const { email, password } = await customer(admin, 'Jon');
    const page = await visit(browser, DESKTOP);
    await signIn(page, email, password);
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'C-1').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: /from the wallet/ }).waitFor();
    const other = await page.context().newPage();
    await other.goto('/');
    await other.getByRole('button', { name: /account of/ }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: /[Ss]ign in/ }).waitFor();
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /from the wallet/ }).click();
    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    await page.context().close();
  });

  it('change seats although the other has released them', async () => {
    const { email, password, token } = await customer(admin, 'Kim');
    const page = await visit(browser, DESKTOP);
    await signIn(page, email, password);
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'C-5').click();
    await seat(page, 'C-6').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/checkout/**');
    const checkout = page.url();
    await page.getByRole('link', { name: 'Change seats' }).click();
    await page.locator('[data-seat="C-5"][data-state="chosen"]').waitFor();
    await seat(page, 'C-5').click();
    await seat(page, 'C-7').click();
    const other = await page.context().newPage();
    await other.goto(checkout);
    await other.getByRole('button', { name: 'Release seats' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await other.getByText('The seats are released.').waitFor();
    await page.bringToFront();
    await page
      .locator('aside')
      .getByRole('button', { name: /Change seats|Continue/ })
      .click();
    await page.waitForURL('**/checkout/**');
    const held = (await bookingsOf(token)).filter(({ status }) => status === 'held');
    expect(held.map(({ seats }) => [...seats].sort().join())).toEqual(['C-6,C-7']);
    await page.context().close();
  });
});
