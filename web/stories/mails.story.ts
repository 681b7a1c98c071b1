import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  book,
  customer,
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

describe('the mails that were sent', () => {
  it('are listed, and sent once more', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, 'Alibag');
    const screening = await schedule(admin, place, '20:00');
    const { email, token } = await customer(admin, 'Tara');
    await book(token, screening, ['D-1']);
    const page = await visit(browser, DESKTOP);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto('/admin/mails');
    await page.getByLabel('To the address').fill(email);
    await page.getByRole('button', { name: 'Find' }).click();
    const row = page.getByRole('row').filter({ hasText: email }).filter({ hasNotText: 'Sent again' });
    await row.getByText('Sent', { exact: true }).waitFor();
    const again = row.getByRole('button', { name: `Send again: Tickets, ${email}` });
    await again.press('Enter');
    await page.getByText('Sent again').waitFor();
    // The button is disabled while it works, and has the focus again after that.
    await page.waitForFunction(() => document.activeElement?.textContent?.includes('Send again'));
    await page.getByRole('row').filter({ hasText: 'Sent again' }).getByText('Sent', { exact: true }).waitFor();
    await page.context().close();
  });
});

describe('reminders', () => {
  it('are turned off in the profile, and on again', async () => {
    const { email, password } = await customer(await tokenOfAdmin(), 'Uma');
    const page = await visit(browser, PHONE);
    await signIn(page, email, password);
    await page.goto('/profile');
    const choice = page.getByLabel('Remind me of my screenings by mail');
    expect(await choice.isChecked()).toBe(true);
    await choice.uncheck();
    await page.getByText('Reminders are off. You will get no more of them.').waitFor();
    await page.reload();
    await choice.waitFor();
    expect(await choice.isChecked()).toBe(false);
    await choice.check();
    await page.getByText('Reminders are on.').waitFor();
    await page.context().close();
  });

  it('have a page that does nothing until its button is pressed, and says what is wrong with an incomplete link', async () => {
    const page = await visit(browser, PHONE);
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PUT' && request.url().endsWith('/reminders')) sent.push(request.url());
    });
    await page.goto('/reminders#token=x');
    const off = page.getByRole('button', { name: 'Turn reminders off' });
    await off.waitFor();
    expect(sent).toEqual([]);
    await off.click();
    await page.getByText('This link is incomplete.').waitFor();
    await page.getByRole('link', { name: 'To my profile' }).waitFor();
    await page.context().close();
  });
});
