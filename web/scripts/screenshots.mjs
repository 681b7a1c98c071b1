// Takes the pictures of the README from a running stack with demo data: node scripts/screenshots.mjs [origin]
// The administrator's password comes from ADMIN_PASSWORD; without it the administrators' pages are left out.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { chromium } from 'playwright-core';

const origin = process.argv[2] ?? 'http://localhost:8000';
const folder = resolve(import.meta.dirname, '../../docs/pictures');
const desk = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
});

async function open(size, colorScheme, who) {
  const context = await browser.newContext({
    ...size,
    colorScheme,
    reducedMotion: 'reduce',
    baseURL: origin,
    timezoneId: 'Asia/Kolkata',
  });
  const page = await context.newPage();
  if (who) {
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(who.email);
    await page.getByLabel('Password', { exact: true }).fill(who.password);
    await page.locator('form button[type=submit]').click();
    await page.waitForURL((address) => address.pathname !== '/sign-in');
  }
  return page;
}

async function take(page, path, name, before = async () => {}) {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  await before();
  await page.waitForTimeout(400);
  // JPEG: a quarter of the bytes, and nobody measures pixels in a README.
  await page.screenshot({ path: `${folder}/${name}.jpg`, type: 'jpeg', quality: 82 });
  console.log(`${name}.jpg`);
}

const first = async (path, field) => (await (await fetch(`${origin}/api/v1${path}`)).json()).items[0][field];
const show = await first('/shows?city=Mumbai&limit=1', 'show_id');
const venue = await first('/venues?city=Mumbai&limit=1', 'venue_id');
const { items } = await (await fetch(`${origin}/api/v1/screenings?city=Mumbai&limit=100`)).json();
const screening =
  items.find((one) => one.capacity > 150 && one.capacity < 250 && one.available_seats < one.capacity) ?? items[0];
const seats = `/screenings/${screening.screening_id}`;
const asha = { email: 'asha@example.com', password: 'ticketshow demo' };

const best = (page) => () => page.getByRole('button', { name: 'Best available' }).click();
const typing = (page, text) => async () => {
  await page.getByRole('combobox').first().fill(text);
  await page.getByRole('listbox').getByRole('option').first().waitFor();
};

const light = await open(desk, 'light');
await take(light, '/', 'home');
await take(light, `/shows/${show}`, 'show');
await take(light, seats, 'seats', best(light));
await take(light, '/shows', 'search', typing(light, 'marmelade'));

const dark = await open(desk, 'dark');
await take(dark, '/', 'home-dark');
await take(dark, seats, 'seats-dark', best(dark));

const night = await open(phone, 'dark', asha);
await take(night, '/', 'home-phone');
await take(night, seats, 'seats-phone', best(night));
await take(night, '/bookings', 'tickets-phone');

const day = await open(phone, 'light');
await take(day, `/shows/${show}`, 'show-phone');
await take(day, '/search?q=mumbay', 'search-phone');

if (process.env.ADMIN_PASSWORD) {
  const admin = await open(desk, 'light', {
    email: process.env.ADMIN_EMAIL ?? 'admin@ticketshow.local',
    password: process.env.ADMIN_PASSWORD,
  });
  await take(admin, '/admin', 'dashboard');
  // Of today, what is over is left out.
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await take(admin, `/admin/schedule?venue=${venue}&day=${tomorrow}`, 'schedule');
}
await browser.close();
