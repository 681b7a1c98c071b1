import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DESKTOP, openBrowser, signIn, visit } from './visitor';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

const ADMIN = 'admin@ticketshow.local';
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const inAWeek = () => new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);

describe('an administrator', () => {
  it('gets from an empty house to its first booking', async () => {
    // Unique names, so that the story can run twice on one stack.
    const mark = Date.now().toString(36);
    const [city, title] = [`Nashik ${mark}`, `The Longest Interval ${mark}`];
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);

    await page.goto('/admin/venues');
    await page.getByRole('button', { name: 'New venue' }).click();
    await page.getByLabel('Name').fill('The Lantern');
    await page.getByLabel('Address').fill('1 Bridge Street');
    await page.getByLabel('City').last().fill(city);
    await page.getByLabel('Time zone').fill('Asia/Kolkata');
    await page.getByRole('button', { name: 'Open the venue' }).click();
    await page.getByRole('heading', { name: /The Lantern/, level: 1 }).waitFor();

    await page.getByRole('link', { name: 'Add a screen' }).click();
    await page.getByRole('heading', { name: 'New screen' }).waitFor();
    await page.getByLabel('Name').fill('Screen 1');
    await page.getByRole('button', { name: 'Small cinema' }).click();
    await page.getByRole('heading', { name: '96 seats' }).waitFor();
    await page.getByRole('button', { name: 'Add the screen' }).click();
    await page.getByText('96 seats in 8 rows').waitFor();

    await page.goto('/admin/shows');
    await page.getByRole('button', { name: 'New show' }).click();
    await page.getByLabel('Title').fill(title);
    await page.getByLabel('Language').fill('English');
    await page.getByLabel('Genres').fill('Comedy');
    await page.getByRole('button', { name: 'Add the show' }).click();
    await page.getByRole('heading', { name: title, level: 1 }).waitFor();

    await page.getByRole('link', { name: 'Schedule', exact: true }).last().click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Venue').selectOption({ label: `The Lantern, ${city}` });
    await form.getByRole('option', { name: title }).waitFor({ state: 'attached' });
    expect(await form.getByLabel('Show').inputValue()).not.toBe('');
    await form.getByLabel('From').fill(tomorrow());
    await form.getByLabel('Until', { exact: true }).fill(inAWeek());
    await form.getByLabel(/Times/).fill('18:30, 19:00, 21:15');
    await form.getByLabel(/Price of Classic/).fill('200');
    await form.getByLabel(/Price of Prime/).fill('280.50');
    // 19:00 clashes with 18:30 on each of the seven days, and the form says so beforehand; the other slots are kept.
    expect(await form.getByText('is on from 18:30').count()).toBe(7);
    await form.getByText('14 screenings to schedule, 7 left out').waitFor();
    await form.getByRole('button', { name: 'Schedule 14 screenings' }).click();
    await form.waitFor({ state: 'detached' });
    // The board shows the first of them.
    await page
      .getByRole('region', { name: 'Board' })
      .getByRole('button', { name: /^18:30/ })
      .waitFor();

    await page.goto('/');
    await page.getByRole('button', { name: /City/ }).click();
    await page.getByRole('button', { name: city }).click();
    await page.getByRole('heading', { name: title }).first().waitFor();
    await page.getByRole('link', { name: /Choose seats/ }).click();
    await page
      .getByRole('link', { name: /96 seats free/ })
      .first()
      .waitFor();
    expect(await page.getByRole('link', { name: /from ₹200.*96 seats free/ }).count()).toBe(2);
    await page
      .getByRole('link', { name: /96 seats free/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Best available' }).click();
    expect(await page.locator('[data-seat][data-state="chosen"]').count()).toBe(2);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/checkout/**');
    await page.context().close();
  });

  it('sees a screening as it was', async () => {
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto('/admin');
    await page.getByRole('region', { name: 'Next screenings' }).getByRole('link').first().click();
    await page.locator('a[href^="/admin/time-travel/"]').click();
    const slider = page.getByRole('slider', { name: 'Moment' });
    await slider.waitFor();
    await slider.fill('0');
    await page.getByText('Before everything').waitFor();
    expect(await page.locator('[data-seat][data-state="sold"]').count()).toBe(0);
    await page.context().close();
  });
});
