import type { Browser } from 'playwright-core';
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
  place = await house(admin, 'Nashik');
});
afterAll(async () => {
  await browser.close();
});

/** Books all forty seats but those in `free`, as one school class; returns the bookings. */
async function soldOut(token: string, screening: string, free: string[] = []): Promise<string[]> {
  const bookings: string[] = [];
  for (const row of ['A', 'B', 'C', 'D']) {
    const seats = Array.from({ length: 10 }, (_, index) => `${row}-${String(index + 1)}`);
    bookings.push(
      await book(
        token,
        screening,
        seats.filter((seat) => !free.includes(seat)),
      ),
    );
  }
  return bookings;
}

describe('a sold-out screening', () => {
  it('has other times at once, and offers seats that come back to the first in line', async () => {
    const screening = await schedule(admin, place, '18:30');
    const later = await schedule(admin, place, '21:30');
    const school = await customer(admin, 'School');
    const [booking = ''] = await soldOut(school.token, screening);
    const mia = await customer(admin, 'Mia');
    const page = await visit(browser, PHONE);
    await page.goto(`/screenings/${screening}`);
    await page.getByText('Sold out').waitFor();
    await page.getByRole('link', { name: /9:30 pm/ }).waitFor();
    expect(await page.getByRole('link', { name: /9:30 pm/ }).getAttribute('href')).toBe(`/screenings/${later}`);
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'More seats' }).click();
    await page.getByRole('button', { name: 'Tell me when 3 seats are free' }).click();
    await page.getByLabel('E-mail').fill(mia.email);
    await page.getByLabel('Password', { exact: true }).fill(mia.password);
    await page.keyboard.press('Enter');
    await page.getByText('You are first in line.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.goto('/bookings');
    const list = page.getByRole('region', { name: 'Waiting list' });
    await list.getByText('You wait for 3 seats. You are first in line.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await call('DELETE', `/bookings/${booking}`, undefined, school.token);
    await list.getByText('3 seats are held for you').waitFor({ timeout: 60_000 });
    expect(await list.getByRole('timer').textContent()).toMatch(/^\d+:\d\d$/);
    // In sight on every page.
    await page.locator('[data-hold-strip]').getByRole('timer').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await list.getByRole('link', { name: 'Pay now' }).click();
    await page.getByRole('button', { name: /from the wallet/ }).click();
    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    expect(await page.locator('figure').count()).toBe(3);
    await page.goto('/bookings');
    await page.getByRole('heading', { name: place.title }).first().waitFor();
    await list.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('is waited for no longer once a person leaves the list, or does not want the seats', async () => {
    const screening = await schedule(admin, place, '18:30', 1);
    const school = await customer(admin, 'Class');
    const [first = ''] = await soldOut(school.token, screening);
    const noa = await customer(admin, 'Noa');
    const page = await visit(browser, DESKTOP);
    await signIn(page, noa.email, noa.password);
    await page.goto(`/screenings/${screening}`);
    await page.getByRole('button', { name: 'Tell me when 2 seats are free' }).click();
    await page.getByRole('button', { name: 'Leave the list' }).click();
    await page.getByText('You are no longer on the waiting list.').waitFor();
    await page.getByRole('button', { name: 'Tell me when 2 seats are free' }).click();
    await page.getByText('You are first in line.').waitFor();
    await call('DELETE', `/bookings/${first}`, undefined, school.token);
    await page.goto('/bookings');
    await page.getByRole('button', { name: 'No longer wanted' }).click({ timeout: 60_000 });
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await page.getByRole('region', { name: 'Waiting list' }).waitFor({ state: 'detached' });
    await page.locator('[data-hold-strip]').waitFor({ state: 'detached' });
    await page.context().close();
  });
});

describe('a screening with too few seats', () => {
  it('takes the wish for more of them', async () => {
    const screening = await schedule(admin, place, '15:00', 1);
    const school = await customer(admin, 'Club');
    await soldOut(school.token, screening, ['C-5']);
    const page = await visit(browser, DESKTOP);
    await page.goto(`/screenings/${screening}`);
    await page.getByRole('button', { name: 'Best available' }).click();
    await page.getByText('Only one seat is free').waitFor();
    await page.getByRole('button', { name: 'Tell me when 2 seats are free' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    // The one that is free can be had all the same.
    await page.locator('[data-seat="C-5"]').click();
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    await page.context().close();
  });
});
