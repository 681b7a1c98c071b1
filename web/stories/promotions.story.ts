import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  call,
  DESKTOP,
  house,
  openBrowser,
  seriousViolations,
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

describe('a promotion', () => {
  it('is limited to one show among very many, with the keyboard alone', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Satpura');
    await until(
      () => call('GET', `/shows/${place.show}`),
      () => true,
    );
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    // As many shows as a large house has over the years.
    await page.route('**/api/v1/shows?*', async (route) => {
      const url = new URL(route.request().url());
      const response = await route.fetch();
      const answer = (await response.json()) as { items: { show_id: string; title: string }[]; next_cursor?: unknown };
      if (!url.searchParams.has('cursor')) {
        const [first] = answer.items;
        for (let at = 0; at < 500; at += 1)
          answer.items.push({
            ...first,
            show_id: `0190${String(at).padStart(4, '0')}-0000-7000-8000-000000000000`,
            title: `Filler ${String(at)}`,
          });
      }
      await route.fulfill({ response, json: answer });
    });
    await page.goto('/admin/promotions');
    await page.getByRole('button', { name: 'New promotion' }).click();
    const dialog = page.getByRole('dialog');
    const code = `ONE-${Date.now().toString(36)}`.toUpperCase();
    await dialog.getByLabel('Code').fill(code);
    const shows = dialog.getByRole('group', { name: /^Shows/ });
    const field = shows.getByRole('combobox');
    await field.focus();
    await page.keyboard.press('ArrowDown');
    await shows.getByText(/ more. Type to find them.$/).waitFor();
    expect(await shows.getByRole('option').count()).toBeLessThanOrEqual(50);
    await page.keyboard.type('Filler 437');
    await shows.getByRole('option', { name: 'Filler 437', exact: true }).waitFor();
    await field.fill(place.title);
    await shows.getByRole('option', { name: place.title }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await shows.getByRole('button', { name: `Remove ${place.title}` }).waitFor();
    // The next one has another name, and the list is in sight for it.
    expect(await field.inputValue()).toBe('');
    await shows.getByRole('option').first().waitFor();
    const sight = await shows.getByRole('listbox').evaluate((list) => {
      const [{ bottom = 0 } = {}, box] = [list.parentElement?.getBoundingClientRect(), list.closest('dialog')];
      return bottom <= (box?.getBoundingClientRect().bottom ?? 0);
    });
    expect(sight).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    // The first Escape closes the list, and not the form.
    await page.keyboard.press('Escape');
    await shows.getByRole('option').first().waitFor({ state: 'hidden' });
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await dialog.waitFor({ state: 'detached' });
    const published = await until(
      () => call<{ items: { code?: string; shows: string[] }[] }>('GET', '/promotions', undefined, admin),
      ({ items }) => items.some((one) => one.code === code),
    );
    expect(published.items.find((one) => one.code === code)?.shows).toEqual([place.show]);
    await page.context().close();
  });
});
