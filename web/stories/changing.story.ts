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
  origin,
  PHONE,
  schedule,
  seriousViolations,
  signIn,
  tabTo,
  tokenOfAdmin,
  until,
  visit,
  type House,
} from './visitor';

let browser: Browser;
let admin: string;
let place: House;
let early: string;
beforeAll(async () => {
  browser = await openBrowser();
  admin = await tokenOfAdmin();
  place = await house(admin, 'Mysuru');
  early = await schedule(admin, place, '14:00');
  // Dearer, and far beyond what is in a wallet.
  await schedule(admin, place, '18:00', 0, dayFromNow(1), 30_000);
  await schedule(admin, place, '21:00', 0, dayFromNow(1), 900_000);
});
afterAll(async () => {
  await browser.close();
});

const seat = (page: Page, name: string) => page.locator(`[data-seat="${name}"]`);
const time = (page: Page, text: string) =>
  page.getByRole('list', { name: 'Times' }).getByRole('button', { name: text });

/** Pays on the page of the provider, which opens. */
async function payByCard(page: Page): Promise<void> {
  await page.waitForURL((url) => !url.href.startsWith(origin()));
  await page.getByLabel(/card number/i).fill('4242 4242 4242 4242');
  await page.getByRole('button', { name: /^Pay \d/ }).click();
}

/** Buys a seat by card, and stays on the page of the booking. */
async function buyByCard(page: Page, name: string): Promise<string> {
  await page.goto(`/screenings/${early}`);
  await seat(page, name).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: /by card/ }).click();
  await payByCard(page);
  await page.getByRole('link', { name: 'Other seats or another time' }).waitFor();
  return new URL(page.url()).pathname.split('/')[2] ?? '';
}

async function seatsOf(token: string, booking: string, wanted: string): Promise<{ amount: { amount_minor: number } }> {
  return until(
    () => call<{ seats: string[]; amount: { amount_minor: number } }>('GET', `/bookings/${booking}`, undefined, token),
    ({ seats }) => seats.join() === wanted,
  );
}

describe('a booking that moves', () => {
  it('takes a dearer time on a phone, by keys alone, and goes back to cheaper seats', async () => {
    const ada = await customer(admin, 'Ada');
    const booking = await book(ada.token, early, ['B-3', 'B-4']);
    const page = await visit(browser, PHONE);
    await signIn(page, ada.email, ada.password);
    await page.goto(`/bookings/${booking}`);
    await page.getByRole('link', { name: 'Other seats or another time' }).waitFor();
    await tabTo(page, 'a', 'Other seats or another time');
    await page.keyboard.press('Enter');
    await page.locator('[data-seat="B-3"][data-state="mine"]').waitFor();
    await tabTo(page, 'button', '6:00');
    await page.keyboard.press('Enter');
    await page.locator('[data-seat="B-3"][data-state="free"]').waitFor();
    await tabTo(page, '[data-seat]');
    for (const key of ['PageUp', 'Home', 'Space', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    await page.getByText('To pay from the wallet').waitFor();
    await page.getByText('₹600').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await tabTo(page, 'button', 'Move and pay ₹100');
    await page.keyboard.press('Enter');
    await page.getByText('You have A-1 and A-2 now.').waitFor();
    await page.getByRole('img', { name: 'QR code of seat A-2' }).waitFor();
    expect(await seatsOf(ada.token, booking, 'A-1,A-2')).toMatchObject({ amount: { amount_minor: 60_000 } });

    // One seat stays, the other moves.
    await page.goto(`/bookings/${booking}/move`);
    await seat(page, 'A-2').click();
    await seat(page, 'A-3').click();
    await page.getByRole('button', { name: 'Move the booking' }).click();
    await page.getByText('You have A-2 and A-3 now.').waitFor();
    await seatsOf(ada.token, booking, 'A-2,A-3');

    await page.goto(`/bookings/${booking}/move?screening=${early}`);
    await page.getByRole('button', { name: 'Best 2 free seats' }).click();
    await page.getByText('Back to your wallet').waitFor();
    await page.getByRole('button', { name: 'Move and get ₹100 back' }).click();
    await page.getByText(/^You have .* now\./).waitFor();
    const { balance } = await until(
      () => call<{ balance: { amount_minor: number } }>('GET', '/wallet', undefined, ada.token),
      (wallet) => wallet.balance.amount_minor === 950_000,
    );
    expect(balance.amount_minor).toBe(950_000);
    await page.context().close();
  });

  it('shows what the wallet lacks, and is where it was after the money was added', async () => {
    const bea = await customer(admin, 'Bea');
    const booking = await book(bea.token, early, ['C-1', 'C-2']);
    const page = await visit(browser, DESKTOP);
    await signIn(page, bea.email, bea.password);
    await page.goto(`/bookings/${booking}/move`);
    await time(page, '9:00').click();
    await seat(page, 'D-4').click();
    await seat(page, 'D-5').click();
    await page.getByText('It has ₹9,500, so ₹8,000 more is needed.').waitFor();
    expect(await page.getByRole('button', { name: /^Move and pay/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Add money' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add ₹8,000 by card' }).click();
    await payByCard(page);
    await page.locator('[data-seat="D-4"][data-state="chosen"]').waitFor();
    await page.getByRole('button', { name: 'Move and pay ₹17,500' }).click();
    await page.getByText('You have D-4 and D-5 now.').waitFor();
    await seatsOf(bea.token, booking, 'D-4,D-5');
    await page.context().close();
  });

  it('that was paid by card pays a difference on the page of the provider', async () => {
    const cyd = await customer(admin, 'Cyd');
    const page = await visit(browser, DESKTOP);
    await signIn(page, cyd.email, cyd.password);
    const booking = await buyByCard(page, 'D-9');
    await page.getByRole('link', { name: 'Other seats or another time' }).click();
    await time(page, '6:00').click();
    await seat(page, 'D-10').click();
    // On a phone, nothing covers the choice of the wallet.
    await page.setViewportSize({ width: 360, height: 740 });
    const choice = page.getByLabel('Pay the difference from my wallet instead');
    await choice.waitFor();
    const isUncovered = await choice.evaluate((box) => {
      const { left, top, width, height } = box.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === box;
    });
    expect(isUncovered).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: /^Move and pay/ }).click();
    await payByCard(page);
    await page.waitForURL((url) => url.pathname.startsWith('/bookings/'));
    await seatsOf(cyd.token, booking, 'D-10');
    await page.getByText('D-10').first().waitFor();
    await page.context().close();
  });

  it('waits at the desk for its customer to pay by card, and can be withdrawn', async () => {
    const eli = await customer(admin, 'Eli');
    const phone = await visit(browser, PHONE);
    await signIn(phone, eli.email, eli.password);
    const booking = await buyByCard(phone, 'D-8');
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/desk/${booking}?venue=${place.venue}`);
    const ask = async () => {
      await page.getByRole('link', { name: 'Move', exact: true }).click();
      await page.getByRole('button', { name: /6:00/ }).click();
      await page.getByRole('button', { name: 'Best 1 free seat' }).click();
      await page.getByLabel('The difference').selectOption({ label: 'The customer pays ₹50 by card' });
      await page.getByText(/^The new seats are kept for at most/).waitFor();
      await page.getByRole('button', { name: 'Ask the customer to pay' }).click();
      await page.getByText(/^The house keeps .* until .*The customer pays ₹50 by card/).waitFor();
    };
    await ask();
    expect(await seriousViolations(page)).toEqual([]);
    // Whoever comes by another way to choose seats finds the move that waits.
    await page.goto(`/admin/desk/${booking}/move?venue=${place.venue}`);
    await page.getByRole('button', { name: 'Withdraw the move' }).click();
    await page.getByText('The move is withdrawn.').waitFor();
    await seatsOf(eli.token, booking, 'D-8');
    await page.goto(`/admin/desk/${booking}?venue=${place.venue}`);
    await ask();
    await phone.goto(`/bookings/${booking}`);
    await phone.getByRole('button', { name: 'Pay ₹50' }).click();
    await payByCard(phone);
    const seen = await until(
      () => call<{ screening: { starts_at: string } }>('GET', `/bookings/${booking}`, undefined, eli.token),
      ({ screening }) => screening.starts_at.includes('T18:00'),
    );
    expect(seen.screening.starts_at).toContain('T18:00');
    await page.context().close();
    await phone.context().close();
  });

  it('is moved at the desk, where the house waives the difference', async () => {
    const dov = await customer(admin, 'Dov');
    const booking = await book(dov.token, early, ['A-5']);
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/desk/${booking}?venue=${place.venue}`);
    await page.getByRole('link', { name: 'Move' }).click();
    await page.getByRole('button', { name: /6:00/ }).click();
    await page.getByRole('button', { name: 'Best 1 free seat' }).click();
    await page.getByLabel('The difference').selectOption({ label: 'The house waives ₹50' });
    await page.getByLabel('Reason').fill('A broken seat');
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Move the booking' }).click();
    await page.getByText('The booking is moved.').waitFor();
    await page.getByText('Reason: A broken seat').waitFor();
    await page.getByText('A difference of ₹50 is waived').waitFor();
    const seen = await until(
      () =>
        call<{ amount: object; screening: { starts_at: string } }>('GET', `/bookings/${booking}`, undefined, dov.token),
      ({ screening }) => screening.starts_at.includes('T18:00'),
    );
    expect(seen.amount).toMatchObject({ amount_minor: 25_000 });
    await page.context().close();
  });
});
