import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DESKTOP, openBrowser, origin, PHONE, visit } from './visitor';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe('search', () => {
  it('forgives a typo in a title as one types, by keyboard alone', async () => {
    const page = await visit(browser, DESKTOP);
    await page.goto('/');
    const field = page.getByRole('combobox', { name: /Search/ });
    await field.pressSequentially('marmelade', { delay: 30 });
    await page.getByRole('option', { name: /Marmalade/ }).waitFor();
    await expect
      .poll(() =>
        page
          .getByRole('option', { name: /Marmalade/ })
          .locator('mark')
          .innerText(),
      )
      .toBe('Marmalade');
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('listbox').getByRole('option', { selected: true }).innerText()).toContain('Marmalade');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('listbox').getByRole('option').count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Marmalade', level: 1 }).waitFor();
    await page.context().close();
  });

  it('understands a city, with a typo too, and says so', async () => {
    const page = await visit(browser, PHONE);
    await page.goto('/');
    const field = page.getByRole('main').getByRole('combobox', { name: /Search/ });
    await field.fill('mumbay');
    await field.press('Enter');
    await page.getByRole('heading', { name: 'Results for “mumbay”' }).waitFor();
    await page.getByText('Showing results for Mumbai').waitFor();
    await page.locator('main h3').first().waitFor();
    await page.getByRole('link', { name: 'Mumbai: everything that is on there' }).click();
    await page.getByRole('heading', { name: 'On in Mumbai' }).waitFor();
    await page.context().close();
  });

  it('says when nothing sounds like it', async () => {
    const page = await visit(browser, DESKTOP);
    await page.goto('/search?q=qwxzzyk');
    await page.getByText('No results').waitFor();
    await page.context().close();
  });

  it('searches the programme itself while the index is unreachable', async () => {
    const page = await visit(browser, DESKTOP);
    await page.route(`${origin()}/api/v1/search**`, (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: '{"type":"/problems/unavailable","title":"Away","status":503}',
      }),
    );
    await page.goto('/search?q=marmelade');
    await page.getByRole('link', { name: /Marmalade/ }).click();
    await page.getByRole('heading', { name: 'Marmalade', level: 1 }).waitFor();
    await page.context().close();
  });

  it('takes questions back that are no longer wanted', async () => {
    const page = await visit(browser, DESKTOP);
    await page.goto('/');
    const asked: string[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname.endsWith('/search/suggest')) asked.push(url.searchParams.get('q') ?? '');
    });
    await page.getByRole('combobox', { name: /Search/ }).pressSequentially('marmalade', { delay: 15 });
    await page.getByRole('option', { name: /Marmalade/ }).waitFor();
    expect(asked.length, asked.join(', ')).toBeLessThan(4);
    expect(asked.at(-1)).toBe('marmalade');
    await page.context().close();
  });
});
