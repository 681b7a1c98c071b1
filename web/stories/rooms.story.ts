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
  PHONE,
  seriousViolations,
  signIn,
  tokenOfAdmin,
  until,
  visit,
  type House,
} from './visitor';

let browser: Browser;
let admin: string;
let place: House;
beforeAll(async () => {
  browser = await openBrowser();
  admin = await tokenOfAdmin();
  place = await house(admin, 'Ujjain');
});
afterAll(async () => {
  await browser.close();
});

interface Layout {
  rows: {
    label: string;
    seats: number;
    numbers?: number[];
    gaps?: { after: number; width: number }[];
    accessible: number[];
    companions?: number[];
    curve?: number;
    level?: string;
    standing?: boolean;
  }[];
}

/** The screen of the venue with this name, once it is read. */
async function screenNamed(name: string): Promise<{ screen_id: string; layout: Layout }> {
  interface Screens {
    items: { name: string; screen_id: string; layout: Layout }[];
  }
  const { items } = await until(
    () => call<Screens>('GET', `/venues/${place.venue}/screens`),
    (answer) => answer.items.some((screen) => screen.name === name),
  );
  const found = items.find((screen) => screen.name === name);
  if (!found) throw new Error('the screen is gone');
  return found;
}

async function scheduled(screen: string, time: string, prices: Record<string, number>): Promise<string> {
  const body = {
    show_id: place.show,
    screen_id: screen,
    starts_at: `${dayFromNow(1)}T${time}:00+05:30`,
    prices: Object.fromEntries(
      Object.entries(prices).map(([category, minor]) => [category, { amount_minor: minor, currency: 'INR' }]),
    ),
  };
  const { screening_id: id } = await call<{ screening_id: string }>('POST', '/screenings', body, admin);
  await until(
    () => call('GET', `/screenings/${id}`),
    () => true,
  );
  return id;
}

const seat = (page: Page, name: string) => page.locator(`[data-seat="${name}"]`);

describe('an administrator', () => {
  it('draws a real room by hand and by keyboard', async () => {
    const page = await visit(browser, { ...DESKTOP, viewport: { width: 1440, height: 900 } });
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await page.goto(`/admin/venues/${place.venue}/screens/new`);
    await page.getByLabel('Name').fill('Music Hall');
    await page.getByRole('button', { name: 'Music hall' }).click();
    await page.getByRole('heading', { name: '380 seats' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    // The first balcony row: odd numbers from the right, without its fourth place, with a place for a wheelchair.
    const list = page.getByRole('group', { name: /Rows, front first/ });
    await list.getByRole('button', { name: 'Choose none' }).click();
    await list.getByRole('checkbox', { name: /^BA/ }).check();
    await page.getByLabel('Numbers', { exact: true }).selectOption({ label: '1, 3, 5 from the right' });
    await page.getByText('39, 37, 35 … 3, 1').waitFor();
    const plan = page.getByRole('grid', { name: /Places/ });
    await plan.getByRole('gridcell', { name: 'BA-33', exact: true }).click();
    await page.getByRole('heading', { name: '379 seats' }).waitFor();
    await plan.getByRole('gridcell', { name: 'Row BA, no seat' }).waitFor();
    await page.getByRole('radio', { name: 'Wheelchair place' }).click();
    await plan.getByRole('gridcell', { name: 'BA-37', exact: true }).focus();
    await page.keyboard.press('Space');
    await plan.getByRole('gridcell', { name: 'BA-37, wheelchair place' }).waitFor();
    await page.getByRole('radio', { name: 'Companion seat' }).click();
    await plan.getByRole('gridcell', { name: 'BA-37, wheelchair place' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await plan.getByRole('gridcell', { name: 'BA-35, companion seat' }).waitFor();

    // A mistake is named, and undone.
    await page.getByLabel('Label', { exact: true }).fill('PIT');
    await page.getByText('Another row has this label.').waitFor();
    expect(await page.getByRole('button', { name: 'Add the screen' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await page.getByLabel('Label', { exact: true }).inputValue()).toBe('BA');

    // The capacity of the standing area, found by a press on it.
    await plan.getByRole('gridcell', { name: /^Standing PIT/ }).click();
    await page.getByLabel('Capacity').fill('250');
    await page.getByRole('heading', { name: '329 seats' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add the screen' }).click();
    await page.getByText('329 seats in 5 rows').waitFor();

    const { screen_id: id, layout } = await screenNamed('Music Hall');
    expect(layout.rows[0]).toMatchObject({ label: 'PIT', seats: 250, standing: true, level: 'Floor' });
    expect(layout.rows[1]).toMatchObject({
      label: 'BA',
      seats: 19,
      accessible: [37],
      companions: [35],
      gaps: [{ after: 33, width: 1 }],
      curve: 4,
      level: 'Balcony',
    });

    // It is opened as it was left, also on a phone.
    await page.context().close();
    const phone = await visit(browser, PHONE);
    await signIn(phone, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await phone.goto(`/admin/screens/${id}`);
    await phone.getByRole('heading', { name: '329 seats' }).waitFor();
    const width = await phone.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
    expect(await seriousViolations(phone)).toEqual([]);
    await phone.getByRole('button', { name: 'Add rows' }).click();
    await phone.getByRole('heading', { name: '389 seats' }).waitFor();
    await phone.getByRole('button', { name: 'Save' }).click();
    await phone.getByText('389 seats in 8 rows').waitFor();
    await phone.context().close();
  });
});

describe('a customer', () => {
  it('stands, sits on a curved balcony, and brings a companion', async () => {
    const rows = [
      { label: 'PIT', category: 'standing', seats: 6, standing: true, level: 'Floor' },
      { label: 'A', category: 'stalls', seats: 10, accessible: [1], companions: [2], level: 'Floor' },
      {
        ...{ label: 'BA', category: 'balcony', seats: 8, curve: 3, level: 'Balcony' },
        numbers: [15, 13, 11, 9, 7, 5, 3, 1],
        gaps: [{ after: 9, width: 2 }],
      },
    ];
    const screen = await call<{ screen_id: string }>(
      'POST',
      `/venues/${place.venue}/screens`,
      { name: 'Old House', layout: { rows } },
      admin,
    );
    const screening = await scheduled(screen.screen_id, '18:30', { standing: 10_000, stalls: 25_000, balcony: 20_000 });
    const [mia, school] = [await customer(admin, 'Mia'), await customer(admin, 'School')];
    const page = await visit(browser, PHONE);
    await signIn(page, mia.email, mia.password);
    await page.goto(`/screenings/${screening}`);
    const plan = page.getByRole('grid', { name: /Seats/ });
    await plan.getByRole('gridcell', { name: /Standing PIT.*6 of 6 free/ }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    const standing = page.getByRole('group', { name: 'Places in standing PIT' });
    await standing.getByRole('button', { name: 'More seats' }).click();
    await standing.getByRole('button', { name: 'More seats' }).click();
    await plan.getByRole('gridcell', { name: /Standing PIT.*2 places chosen/ }).waitFor();
    await plan.getByRole('gridcell', { name: /Standing PIT/ }).focus();
    await page.keyboard.press('Backspace');
    await plan.getByRole('gridcell', { name: /Standing PIT.*1 place chosen/ }).waitFor();
    await page.keyboard.press('Space');
    await plan.getByRole('gridcell', { name: /Standing PIT.*2 places chosen/ }).waitFor();

    // Four others come: the chosen places are changed for free ones, so long as there are any.
    const chosen = () => page.getByRole('list', { name: 'Chosen seats' }).getByRole('listitem').allInnerTexts();
    const mine = (await chosen()).map((text) => text.split(/\s/)[0] ?? '');
    const [taken = ''] = mine;
    await book(school.token, screening, [taken]);
    await until(chosen, (texts) => texts.length === 2 && !texts.some((text) => text.startsWith(`${taken}\n`)));

    // The balcony has a name, and shows its odd numbers.
    await page.getByRole('button', { name: 'Balcony', exact: true }).click();
    await seat(page, 'BA-9').click();
    expect(await seat(page, 'BA-9').getAttribute('aria-label')).toContain('Row BA seat 9');
    await page.getByRole('button', { name: 'Floor', exact: true }).click();
    await seat(page, 'A-1').click();
    await page.getByRole('button', { name: 'Add A-2 for a companion.' }).click();
    await until(chosen, (texts) => texts.length === 5);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: /from the wallet/ }).click();
    await page.getByRole('heading', { name: 'See you there.' }).waitFor();
    expect(await page.locator('figure').count()).toBe(5);
    await page.context().close();
  });
});
