/** Somebody with a browser. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' };
/** A small phone in the dark. */
export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true, isMobile: true, reducedMotion: 'reduce' };

export function origin(): string {
  return process.env.STORIES_ORIGIN ?? 'http://localhost:8000';
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** A page of a browser that nobody has used; errors of scripts fail the story. */
export async function visit(browser: Browser, as: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ ...as, baseURL: origin() });
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
  const response = await fetch(`${origin()}/api/v1${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  expect(response.ok, `${method} ${path} answered ${String(response.status)}`).toBe(true);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function tokenOf(email: string, password: string): Promise<string> {
  return (await call<{ access_token: string }>('POST', '/auth/login', { email, password })).access_token;
}

/** A screening of the demo data in that city, with many free seats; `skip` gives every story one of its own. */
export async function screeningIn(city: string, skip: number): Promise<string> {
  const { items } = await call<{ items: { screening_id: string; starts_at: string; capacity: number }[] }>('GET', `/screenings?city=${city}&limit=100`);
  const later = items.filter((one) => Date.parse(one.starts_at) > Date.now() + 5 * 3_600_000 && one.capacity < 250);
  const found = later[skip];
  expect(found, `no screening in ${city}`).toBeDefined();
  return found?.screening_id ?? '';
}

export async function signIn(page: Page, email: string, password = 'ticketshow'): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.locator('form button[type=submit]').click();
  await page.waitForURL('**/');
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** What axe finds that keeps people out. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the policy of the page allows none but its own.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe.run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`));
}
