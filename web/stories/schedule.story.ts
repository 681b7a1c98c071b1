import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  book,
  customer,
  dayFromNow,
  DESKTOP,
  house,
  openBrowser,
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

async function middleOf(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  expect(box).not.toBeNull();
  return { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 };
}

describe('the schedule board', () => {
  it('moves a screening by dragging it, after telling what is in the way', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Wai');
    await schedule(admin, place, '12:00');
    await schedule(admin, place, '18:00', 1);
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/schedule?venue=${place.venue}&day=${dayFromNow(1)}`);
    const board = page.getByRole('region', { name: 'Board' });
    const noon = board.getByRole('button', { name: /^12:00/ });
    await noon.waitFor();

    const from = await middleOf(noon);
    const evening = await middleOf(board.getByRole('button', { name: /^18:00/ }));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    // Onto the other one: the conflict shows while dragging.
    await page.mouse.move(evening.x, evening.y, { steps: 6 });
    await board.getByText('is on from 18:00').waitFor();
    // An empty place on the other screen.
    await page.mouse.move(from.x, evening.y, { steps: 6 });
    await page.mouse.up();

    const dialog = page.getByRole('dialog');
    await dialog.getByText('The screen is free then.').waitFor();
    expect(await dialog.getByLabel('Screen').locator('option:checked').innerText()).toContain('Screen 2');
    await dialog.getByRole('button', { name: 'Move it there' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect
      .poll(async () => Math.abs((await middleOf(board.getByRole('button', { name: /^12:00/ }))).y - evening.y), {
        timeout: 10_000,
      })
      .toBeLessThan(5);

    // By keyboard, half an hour later: it is in its own way then, and moves all the same.
    await board.getByRole('button', { name: /^12:00/ }).press('Enter');
    await dialog.getByLabel(/Time in/).fill('12:30');
    await dialog.getByRole('button', { name: 'Move it there' }).click();
    await board.getByRole('button', { name: /^12:30/ }).waitFor();
    expect(await board.getByRole('button', { name: /^12:00/ }).count()).toBe(0);
    await page.context().close();
  });

  it('begins on a phone at the first screening, with the names of the screens in sight', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Karjat');
    await schedule(admin, place, '18:00');
    const page = await visit(browser, PHONE);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/schedule?venue=${place.venue}&day=${dayFromNow(1)}`);
    const board = page.getByRole('region', { name: 'Board' });
    const evening = board.getByRole('button', { name: /^18:00/ });
    await evening.waitFor();
    const lies = async () => {
      const [frame, block, name] = await Promise.all([
        board.boundingBox(),
        evening.boundingBox(),
        board.getByRole('heading', { name: 'Screen 1' }).boundingBox(),
      ]);
      const [left, right] = [frame?.x ?? 0, (frame?.x ?? 0) + (frame?.width ?? 0)];
      const from = (name?.x ?? 0) + (name?.width ?? 0);
      return (name?.x ?? -1) >= left && (block?.x ?? 0) >= from - 1 && (block?.x ?? 0) + (block?.width ?? 0) <= right;
    };
    await expect.poll(lies, { timeout: 10_000 }).toBe(true);
    await page.context().close();
  });

  it('leaves a screening with guests where it is', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Panvel');
    const screening = await schedule(admin, place, '12:00');
    await book((await customer(admin, 'Dev')).token, screening, ['A-4']);
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/schedule?venue=${place.venue}&day=${dayFromNow(1)}`);
    await page
      .getByRole('region', { name: 'Board' })
      .getByRole('button', { name: /^12:00/ })
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 seat of 40 taken').waitFor();
    expect(await dialog.getByRole('button', { name: 'Move it there' }).count()).toBe(0);
    await dialog.getByLabel(/Time in/).fill('13:00');
    await dialog.getByText('is on from 12:00').waitFor();
    expect(await dialog.getByRole('button', { name: 'Repeat it there' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/Time in/).fill('16:00');
    await dialog.getByRole('button', { name: 'Repeat it there' }).click();
    await page
      .getByRole('region', { name: 'Board' })
      .getByRole('button', { name: /^16:00/ })
      .waitFor();
    await page
      .getByRole('region', { name: 'Board' })
      .getByRole('button', { name: /^12:00/ })
      .waitFor();
    await page.context().close();
  });
});
