/** Person with a browser. */

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const DESKTOP: BrowserContextOptions = {
  viewport: { width: 1280, height: 800 },
  colorScheme: 'light',
  reducedMotion: 'reduce',
};
/** A small phone in the dark. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  colorScheme: 'dark',
  hasTouch: true,
  isMobile: true,
  reducedMotion: 'reduce',
};

export const ADMIN = 'admin@ticketshow.local';

export function origin(): string {
  return process.env.STORIES_ORIGIN ?? 'http://localhost:8000';
}

export function openBrowser(flags: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...FLAGS, ...flags] });
}

/** A page of a browser that nobody has used; errors of scripts fail the story. */
export async function visit(browser: Browser, as: BrowserContextOptions): Promise<Page> {
  return tabOf(await browser.newContext({ ...as, baseURL: origin() }));
}

/** Another tab beside a page, of the same person. */
export function anotherTab(page: Page): Promise<Page> {
  return tabOf(page.context());
}

async function tabOf(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

/** Sends one call to the API, as a program would. */
export async function call<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${origin()}/api/v1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path} answered ${String(response.status)}`).toBe(true);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function tokenOf(email: string, password: string): Promise<string> {
  return (await call<{ access_token: string }>('POST', '/auth/login', { email, password })).access_token;
}

/** Asks until `good` holds of the answer: what is read follows what was written by some milliseconds. */
export async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && good(answer)) return answer;
    expect(Date.now(), 'it did not come to be in time').toBeLessThan(end);
  }
}

export function tokenOfAdmin(): Promise<string> {
  return tokenOf(ADMIN, process.env.STORIES_ADMIN_PASSWORD ?? '');
}

export interface House {
  city: string;
  title: string;
  venue: string;
  screens: string[];
  show: string;
}

/** A venue with two screens and a show, unique to the story, so that it can run twice on one stack. */
export async function house(token: string, name: string): Promise<House> {
  const mark = Date.now().toString(36);
  const [city, title] = [`${name} ${mark}`, `The ${name} Story ${mark}`];
  const { venue_id: venue } = await call<{ venue_id: string }>(
    'POST',
    '/venues',
    {
      name: 'The Lantern',
      address: '1 Bridge Street',
      city,
      timezone: 'Asia/Kolkata',
      opens_at: '09:00',
      closes_at: '01:00',
    },
    token,
  );
  const rows = ['A', 'B', 'C', 'D'].map((label) => ({
    label,
    category: 'classic',
    seats: 10,
    aisles_after: [5],
    accessible: [],
  }));
  const screens: string[] = [];
  for (const screen of ['Screen 1', 'Screen 2']) {
    screens.push(
      (await call<{ screen_id: string }>('POST', `/venues/${venue}/screens`, { name: screen, layout: { rows } }, token))
        .screen_id,
    );
  }
  const { show_id: show } = await call<{ show_id: string }>(
    'POST',
    '/shows',
    { title, description: 'Made for a story.', duration_minutes: 100, language: 'English', genres: ['Drama'] },
    token,
  );
  return { city, title, venue, screens, show };
}

/** Schedules the show at a local time; tomorrow for 250 rupees unless a day and a price are given. */
export async function schedule(
  token: string,
  { show, screens }: House,
  time: string,
  screen = 0,
  day = dayFromNow(1),
  price = 25_000,
): Promise<string> {
  const body = {
    show_id: show,
    screen_id: screens[screen],
    starts_at: `${day}T${time}:00+05:30`,
    prices: { classic: { amount_minor: price, currency: 'INR' } },
  };
  const { screening_id: id } = await call<{ screening_id: string }>('POST', '/screenings', body, token);
  await until(
    () => call('GET', `/screenings/${id}`),
    () => true,
  );
  return id;
}

/** A calendar day in India. */
export function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000 + 5.5 * 3_600_000).toISOString().slice(0, 10);
}

/** A new customer with money in the wallet. */
export async function customer(
  admin: string,
  name: string,
): Promise<{ email: string; password: string; token: string }> {
  const [email, password] = [`${name.toLowerCase()}-${Date.now().toString(36)}@example.com`, 'long enough'];
  const { user_id: user } = await call<{ user_id: string }>(
    'POST',
    '/admin/accounts',
    { email, password, name },
    admin,
  );
  const token = await tokenOf(email, password);
  await call(
    'POST',
    `/admin/wallets/${user}/credits`,
    { amount: { amount_minor: 1_000_000, currency: 'INR' }, reason: 'A gift' },
    admin,
  );
  return { email, password, token };
}

/** The six digits of the last mail to an address, from the inbox of the local stack. */
export async function mailedCode(email: string): Promise<string> {
  const folder = process.env.STORIES_MAILS ?? '';
  const read = () => {
    const letters = readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8'));
    return Promise.resolve(letters.filter((letter) => letter.includes(email)).at(-1) ?? '');
  };
  const letter = await until(read, (text) => /\b\d{6}\b/.test(bodyOf(text)));
  return /\b\d{6}\b/.exec(bodyOf(letter))?.[0] ?? '';
}

/** A mail without its head, whose ids and dates have digits too. */
function bodyOf(letter: string): string {
  return letter.slice(Math.max(0, letter.search(/\r?\n\r?\n/)));
}

/** Books seats and pays from the wallet. */
export async function book(token: string, screening: string, seats: string[]): Promise<string> {
  const { booking_id: id } = await call<{ booking_id: string }>(
    'POST',
    '/bookings',
    { screening_id: screening, seats },
    token,
  );
  await call('POST', `/bookings/${id}/payment`, { method: 'wallet' }, token);
  await until(
    () => call<{ status: string }>('GET', `/bookings/${id}`, undefined, token),
    ({ status }) => status === 'confirmed',
  );
  return id;
}

/** A screening of the demo data in that city, with many free seats; `skip` gives every story one of its own. */
export async function screeningIn(city: string, skip: number): Promise<string> {
  const { items } = await call<{ items: { screening_id: string; starts_at: string; capacity: number }[] }>(
    'GET',
    `/screenings?city=${city}&limit=100`,
  );
  const later = items.filter((one) => Date.parse(one.starts_at) > Date.now() + 5 * 3_600_000 && one.capacity < 250);
  const found = later[skip];
  expect(found, `no screening in ${city}`).toBeDefined();
  return found?.screening_id ?? '';
}

export async function signIn(page: Page, email: string, password = 'ticketshow demo'): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.locator('form button[type=submit]').click();
  await page.waitForURL((address) => address.pathname !== '/sign-in');
}

/** Presses a key until the wanted element has the focus. */
export async function tabTo(page: Page, selector: string, text = ''): Promise<void> {
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press('Tab');
    const there = await page.evaluate(
      ([wanted, words]) =>
        (document.activeElement?.matches(wanted) && document.activeElement.textContent.includes(words)) ?? false,
      [selector, text] as const,
    );
    if (there) return;
  }
  throw new Error(`the keyboard does not reach ${selector} ${text}`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

interface Axe {
  run: (options: { resultTypes: string[] }) => Promise<{ violations: Violation[] }>;
}

/** Findings that axe calls moderate, and that readers who jump from landmark to landmark miss. */
const OF_LANDMARKS = /^(?:region|landmark-)/;

/** Serious findings of axe, and content outside the landmarks. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the policy of the page allows none but its own.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    // What passes is only counted.
    (window as unknown as { axe: Axe }).axe.run({ resultTypes: ['violations'] }),
  );
  return violations
    .filter(({ id, impact }) => impact === 'serious' || impact === 'critical' || OF_LANDMARKS.test(id))
    .flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`),
    );
}
