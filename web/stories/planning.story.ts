import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  call,
  dayFromNow,
  DESKTOP,
  house,
  openBrowser,
  PHONE,
  schedule,
  seriousViolations,
  signIn,
  tokenOfAdmin,
  until,
  visit,
} from './visitor';

interface Listed {
  items: { screening_id: string; prices: Record<string, { amount_minor: number }> }[];
}

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe.each([
  ['a large screen', { ...DESKTOP, viewport: { width: 1440, height: 900 } }],
  ['a phone', { ...PHONE, viewport: { width: 390, height: 844 } }],
])('planning on %s', (name, device) => {
  const city = (of: string) => `${of}${name.endsWith('phone') ? ' East' : ''}`;

  it('a draft with the prices of a template is sold once it is published', async () => {
    const place = await house(await tokenOfAdmin(), city('Akola'));
    const listed = () => call<Listed>('GET', `/screenings?venue_id=${place.venue}`);
    const page = await visit(browser, device);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/venues/${place.venue}`);
    await page.getByRole('button', { name: 'Add a template' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Weekday');
    await dialog.getByLabel('Price of classic in INR').fill('180');
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Change Weekday' }).waitFor();
    await page.getByText('Classic ₹180').waitFor();

    await page.goto(`/admin/schedule?venue=${place.venue}&day=${dayFromNow(1)}`);
    await page.getByRole('button', { name: 'Schedule', exact: true }).first().click();
    await dialog.getByLabel('Show', { exact: true }).selectOption({ label: `${place.title} (100 min)` });
    await dialog.getByLabel('Fill in prices from').selectOption({ label: 'Weekday' });
    expect(await dialog.getByLabel('Price of classic in INR').inputValue()).toBe('180');
    await dialog.getByLabel(/Keep it as a draft/).check();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Schedule 1 screening' }).click();
    await dialog.waitFor({ state: 'detached' });
    const board = page.getByRole('region', { name: 'Board' });
    const draft = board.getByRole('button', { name: /^18:30.*Draft/ });
    await draft.waitFor();
    expect((await listed()).items).toEqual([]);

    await draft.click();
    await dialog.getByLabel(/Time in/).fill('17:00');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await board.getByRole('button', { name: /^17:00.*Draft/ }).waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    await dialog.getByText('1 draft: customers will see and book it.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { items } = await until(listed, (list) => list.items.length > 0);
    expect(items[0]?.prices.classic?.amount_minor).toBe(18_000);
    await page.context().close();
  });

  it('a screen is retired once nothing is to come there, and has time for cleaning', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, city('Dhule'));
    await schedule(admin, place, '12:00');
    const page = await visit(browser, device);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    const [first = '', second = ''] = place.screens;
    await page.goto(`/admin/screens/${first}`);
    // The page of a screen belongs to the venues, and the menu says so.
    await page
      .getByRole('navigation', { name: 'Administration' })
      .locator('[aria-current]')
      .getByText('Venues')
      .waitFor();
    await page.getByRole('button', { name: 'Retire' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await dialog.getByText('Screenings are still to come on this screen.').waitFor();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await page.getByLabel('Minutes for cleaning').fill('20');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('20 min cleaning').waitFor();

    await page.goto(`/admin/screens/${second}`);
    await page.getByRole('button', { name: 'Retire' }).click();
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await page.getByRole('button', { name: 'Bring back into use' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.goto(`/admin/schedule?venue=${place.venue}&day=${dayFromNow(1)}`);
    const board = page.getByRole('region', { name: 'Board' });
    await board.getByRole('heading', { name: 'Screen 1' }).waitFor();
    expect(await board.getByRole('heading', { name: 'Screen 2' }).count()).toBe(0);
    await board.getByTitle('Cleaning, 20 minutes').waitFor();
    await page.context().close();
  });

  it('a broken seat is kept back in all screenings until it is repaired', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, city('Nanded'));
    await schedule(admin, place, '12:00');
    const page = await visit(browser, device);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    const [first = ''] = place.screens;
    await page.goto(`/admin/screens/${first}`);
    const kept = page.getByRole('region', { name: 'Seats kept back in all screenings' });
    await kept.locator('[data-seat="A-1"]').focus();
    await page.keyboard.press('Space');
    await kept.getByLabel('Why').fill('Broken seat');
    await kept.getByRole('button', { name: 'Keep back' }).click();
    await kept.getByRole('button', { name: 'Release: Broken seat' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    const seats = async () => {
      const { items } = await call<Listed>('GET', `/screenings?venue_id=${place.venue}`);
      type Map = { rows: { seats: { seat: string; status: string }[] }[] };
      const map = await call<Map>('GET', `/screenings/${items[0]?.screening_id ?? ''}/seats`);
      return map.rows.flatMap((row) => row.seats).find(({ seat }) => seat === 'A-1')?.status;
    };
    await until(seats, (status) => status === 'blocked');
    await kept.getByRole('button', { name: 'Release: Broken seat' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await until(seats, (status) => status === 'free');
    await page.context().close();
  });

  it('a longer show is warned of, and a show is duplicated', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, city('Latur'));
    await schedule(admin, place, '12:00');
    await schedule(admin, place, '14:00');
    const page = await visit(browser, device);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/shows/${place.show}`);
    await page.getByLabel('Minutes').fill('130');
    await page.getByText('1 screening or draft would run into what follows.').waitFor();
    await page.getByLabel('Minutes').fill('100');
    await page.getByRole('link', { name: 'Duplicate' }).click();
    const dialog = page.getByRole('dialog');
    const title = dialog.getByLabel('Title');
    expect(await title.inputValue()).toBe(`Copy of ${place.title}`);
    await dialog.getByText('This is a copy.').waitFor();
    // It is selected, so that typing replaces it.
    const marked = await title.evaluate(
      (field: HTMLInputElement) => (field.selectionEnd ?? 0) - (field.selectionStart ?? 0),
    );
    expect(marked).toBe(`Copy of ${place.title}`.length);
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByLabel('Title').fill(`${place.title} Again`);
    await dialog.getByRole('button', { name: 'Add the show' }).click();
    await page.getByRole('heading', { name: `${place.title} Again` }).waitFor();
    await page.context().close();
  });
});
