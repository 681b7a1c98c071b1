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
  seriousViolations,
  signIn,
  tokenOfAdmin,
  until,
  visit,
} from './visitor';

interface Found {
  screening_id: string;
  fee?: { per: string; amount: { amount_minor: number } };
  cancellation?: unknown;
  ticket_types: Record<string, { needs_type?: string | null }>;
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
])('on %s', (name, device) => {
  it('a manager schedules ticket types with a fee, and the till sells by type', async () => {
    const admin = await tokenOfAdmin();
    const place = await house(admin, name.endsWith('phone') ? 'Pune' : 'Satara');
    const page = await visit(browser, device);
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/schedule?venue=${place.venue}&day=${dayFromNow(1)}`);
    await page.getByRole('button', { name: 'Schedule', exact: true }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Show', { exact: true }).selectOption({ label: `${place.title} (100 min)` });
    await dialog.getByText('Ticket types, fee, tax, cancellation and single seats').click();
    await dialog.getByRole('button', { name: 'Adult' }).click();
    await dialog.getByRole('button', { name: 'Child' }).click();
    await dialog.getByLabel('Child: only together with').selectOption({ label: 'Adult' });
    await dialog.getByLabel('Fee in INR').fill('10');
    await dialog.getByRole('button', { name: 'Add a tax' }).click();
    await dialog.getByLabel('Name').fill('GST');
    await dialog.getByLabel('Percent').fill('18');
    await dialog.getByLabel('Rule').selectOption({ label: 'Not possible' });
    for (const group of await dialog.getByRole('group', { name: /^Prices of/ }).all()) {
      await group.getByLabel('Adult').fill('300');
      await group.getByLabel('Child').fill('150');
    }
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Schedule 1 screening' }).click();
    await dialog.waitFor({ state: 'detached' });

    const { items } = await until(
      () => call<{ items: Found[] }>('GET', `/screenings?venue_id=${place.venue}`),
      ({ items: all }) => all.length > 0,
    );
    const [screening] = items;
    expect(screening).toMatchObject({
      fee: { per: 'ticket', amount: { amount_minor: 1_000 } },
      cancellation: 'none',
      ticket_types: { child: { needs_type: 'adult' } },
    });

    await page.goto(`/admin/box-office?screening=${screening?.screening_id ?? ''}`);
    await page.locator('[data-seat="A-1"]').click();
    await page.locator('[data-seat="A-2"]').click();
    await page.getByLabel('Ticket for A-2').selectOption({ label: 'Child, ₹150' });
    await page.getByText('With a fee of ₹20').waitFor();
    await page.getByRole('radio', { name: 'UPI' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sell for ₹470' }).click();
    await page.getByText('Sold', { exact: true }).first().waitFor();
    await page.context().close();
  });
});
