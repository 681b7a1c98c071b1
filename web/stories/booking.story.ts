import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  book,
  call,
  customer,
  DESKTOP,
  house,
  mailedCode,
  openBrowser,
  origin,
  PHONE,
  schedule,
  screeningIn,
  signIn,
  tabTo,
  tokenOf,
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

const seat = (page: Page, name: string) => page.locator(`[data-seat="${name}"]`);

describe('a guest on a small phone, in the dark, with a keyboard', () => {
  it('gets from the seat map to the tickets of two seats', async () => {
    const screening = await screeningIn('Pune', 0).catch(() => screeningIn('Bengaluru', 3));
    const { show_id: show, city } = await call<{ show_id: string; city: string }>('GET', `/screenings/${screening}`);
    const page = await visit(browser, PHONE);
    // From the programme to the plan of the room, by nothing but keys.
    await page.goto(`/shows?city=${city}`);
    await page.locator(`main a[href="/shows/${show}"]`).waitFor();
    await tabTo(page, `main a[href="/shows/${show}"]`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Choose a time' }).waitFor();
    await page.locator('main a[href^="/screenings/"]').first().waitFor();
    await tabTo(page, 'main a[href^="/screenings/"]');
    await page.keyboard.press('Enter');
    await page.locator('[data-seat]').first().waitFor();

    await tabTo(page, '[data-seat]');
    const name = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    // It begins at a good free seat, from where all others are within reach.
    expect(await name()).toMatch(/^Row (?!A )\w+ seat (?!1,)\d+, .*, free$/);
    for (const key of ['PageUp', 'Home', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    expect(await name()).toMatch(/^Row C seat \d+, [\w ]+, \d+(\.\d+)? rupees, /);
    const chosen = page.locator('[data-seat][data-state="chosen"]');
    for (let step = 0; step < 30 && (await chosen.count()) < 2; step += 1) {
      if ((await name()).includes(', free')) await page.keyboard.press(step % 2 ? 'Space' : 'Enter');
      await page.keyboard.press('ArrowRight');
    }
    expect(await chosen.count()).toBe(2);

    await tabTo(page, 'aside button', 'Continue');
    await page.keyboard.press('Enter');
    const email = `guest-${String(Date.now())}@example.com`;
    await page.getByRole('tab', { name: 'Create account' }).press('Enter');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Your name').fill('A. Guest');
    await page.getByLabel('Password', { exact: true }).fill('long enough');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
    await page.getByLabel('Code from the mail').fill(await mailedCode(email));
    await page.keyboard.press('Enter');
    // The seats chosen before there was an account are held now.
    await page.waitForURL('**/checkout/**');
    await page.getByRole('timer').waitFor();
    await page.getByText(/You need .* more/).waitFor();

    const admin = await tokenOfAdmin();
    const token = await tokenOf(email, 'long enough');
    const { user_id: user } = await call<{ user_id: string }>('GET', '/me', undefined, token);
    await call(
      'POST',
      `/admin/wallets/${user}/credits`,
      { amount: { amount_minor: 1_000_000, currency: 'INR' }, reason: 'A gift' },
      admin,
    );
    await page.reload();
    await page.locator('button:enabled', { hasText: 'from the wallet' }).waitFor();
    await tabTo(page, 'button', 'from the wallet');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    expect(await page.getByText('Confirmed').count()).toBeGreaterThan(0);
    expect(await page.locator('figure').count()).toBe(2);
    await page.context().close();
  });
});

describe('two browsers on one seat map', () => {
  it('one sees at once what the other takes, and keeps the rest of the choice', async () => {
    const screening = await screeningIn('Bengaluru', 6);
    const [ada, bob] = await Promise.all([visit(browser, DESKTOP), visit(browser, DESKTOP)]);
    await Promise.all([signIn(ada, 'kavya@example.com'), signIn(bob, 'nikhil@example.com')]);
    await Promise.all([ada.goto(`/screenings/${screening}`), bob.goto(`/screenings/${screening}`)]);
    // Other seats are sold on other days, also to these two.
    const free = (page: Page) => page.locator('[data-seat][data-state="free"]');
    for (const page of [ada, bob]) await free(page).first().waitFor();
    const names = await free(bob).evaluateAll((all) => all.map((one) => one.getAttribute('data-seat') ?? ''));
    const next = (name: string) => name.replace(/\d+$/, (number) => String(Number(number) + 1));
    const taken = names.find((name) => names.includes(next(name))) ?? '';
    const kept = next(taken);
    await seat(bob, taken).click();
    await seat(bob, kept).click();
    await seat(ada, taken).click();
    await ada.getByRole('button', { name: 'Continue' }).click();
    await ada.waitForURL('**/checkout/**');

    await bob.locator(`[data-seat="${taken}"][data-state="held"]`).waitFor();
    await bob.getByText(`Seat ${taken} was taken a moment ago.`).waitFor();
    expect(await seat(bob, kept).getAttribute('data-state')).toBe('chosen');
    await Promise.all([ada.context().close(), bob.context().close()]);
  });

  it('a lapsed hold is shown on the page, and the seats can be tried again', async () => {
    const screening = await screeningIn('Bengaluru', 9);
    const page = await visit(browser, DESKTOP);
    await signIn(page, 'sneha@example.com');
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'A-5').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('timer').waitFor();
    await page.getByText('The time to pay has run out').waitFor({ timeout: 75_000 });
    await page.getByRole('link', { name: 'Try for the seat again' }).click();
    await page.locator('[data-seat="A-5"][data-state="chosen"]').waitFor();
    await page.context().close();
  });
});

describe('a session that ends in the middle of a checkout', () => {
  it('is taken up again in the same place', async () => {
    const screening = await screeningIn('Delhi', 2);
    const page = await visit(browser, DESKTOP);
    await signIn(page, 'gurpreet@example.com');
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'A-6').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/checkout/**');
    await page.context().clearCookies();
    await page.reload();
    await page.getByRole('heading', { name: /Sign in/ }).waitFor();
    await page.getByLabel('E-mail').fill('gurpreet@example.com');
    await page.getByLabel('Password', { exact: true }).fill('ticketshow demo');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /from the wallet/ }).click();
    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    await page.context().close();
  });
});

describe('a session that ends during a payment', () => {
  it('asks for the password in place, and pays then', async () => {
    const screening = await screeningIn('Delhi', 4);
    const page = await visit(browser, DESKTOP);
    await signIn(page, 'gurpreet@example.com');
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'B-2').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    const pay = page.getByRole('button', { name: /from the wallet/ });
    await pay.waitFor();
    // The administrator has ended the session, and the token has run out.
    await page.context().clearCookies();
    await page.route(
      '**/api/v1/bookings/*/payment',
      (route) =>
        route.fulfill({
          status: 401,
          contentType: 'application/problem+json',
          body: '{"type":"/problems/unauthorized","title":"Unauthorized","status":401}',
        }),
      { times: 1 },
    );
    await pay.click();
    await page.getByRole('heading', { name: 'Please sign in again' }).waitFor();
    await page.getByLabel('E-mail').fill('gurpreet@example.com');
    await page.getByLabel('Password', { exact: true }).fill('ticketshow demo');
    await page.keyboard.press('Enter');
    await page.getByRole('timer').waitFor();
    await pay.click();
    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    await page.context().close();
  });
});

describe('a booking from the wallet', () => {
  it('is cancelled by its owner, who saw the refund beforehand', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Satara');
    const screening = await schedule(admin, place, '18:30');
    const { email, password, token } = await customer(admin, 'Meera');
    const booking = await book(token, screening, ['B-5', 'B-6']);
    const page = await visit(browser, DESKTOP);
    await signIn(page, email, password);
    await page.goto(`/bookings/${booking}`);
    await page.getByRole('button', { name: 'Cancel booking' }).click();
    await page.getByText(/₹500 go(es)? back to your wallet/).waitFor();
    await page.getByRole('button', { name: 'Cancel and refund' }).click();
    await page.getByText('₹500 is back in your wallet.').waitFor();
    await page.goto('/wallet');
    await page.getByText('₹10,000').first().waitFor();
    // The seats are on sale again.
    await page.goto(`/screenings/${screening}`);
    await page.locator('[data-seat="B-5"][data-state="free"]').waitFor();
    await page.context().close();
  });
});

describe('a card', () => {
  it('pays at the provider, and the browser comes back to the tickets', async () => {
    const screening = await screeningIn('Chennai', 1);
    const page = await visit(browser, DESKTOP);
    await signIn(page, 'lakshmi@example.com');
    await page.goto(`/screenings/${screening}`);
    await seat(page, 'A-7').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: /by card/ }).click();
    await page.waitForURL((url) => !url.href.startsWith(origin()));
    await page.getByLabel(/card number/i).fill('4242 4242 4242 4242');
    await page.getByRole('button', { name: /^Pay \d/ }).click();
    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    await page.getByRole('img', { name: 'QR code of seat A-7' }).waitFor();

    await page.getByRole('button', { name: 'Cancel booking' }).click();
    await page.getByText('goes back to the card you paid with').waitFor();
    await page.getByRole('button', { name: 'Cancel and refund' }).click();
    await page.getByText(/is (back on your card|on its way back)/).waitFor();
    await page.context().close();
  });
});
