import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  anotherTab,
  book,
  call,
  customer,
  DESKTOP,
  house,
  openBrowser,
  origin,
  PHONE,
  schedule,
  screeningIn,
  seriousViolations,
  signIn,
  tokenOfAdmin,
  until,
  visit,
} from './visitor';

/** Largest contentful paint on the local stack, in milliseconds, and layout shift: our budgets. */
const PAINT_MAX = 1_500;
const SHIFT_MAX = 0.02;
/** Script that a first visit may load, packed, in bytes. */
const SCRIPT_MAX = 200_000;

let browser: Browser;
let show: string;
let venue: string;
let screening: string;
/** Person with one booking that is paid, one that waits to be, and one whose screening was called off. */
let member: { email: string; password: string };
let paid: string;
let open: string;
let called: string;
let cascade: string;
let screen: string;

beforeAll(async () => {
  browser = await openBrowser();
  const first = async (path: string) => (await call<{ items: Record<string, string>[] }>('GET', path)).items[0] ?? {};
  show = (await first('/shows?city=Mumbai&limit=1')).show_id ?? '';
  venue = (await first('/venues?city=Mumbai&limit=1')).venue_id ?? '';
  screening = await screeningIn('Mumbai', 0);

  const admin = await tokenOfAdmin();
  const place = await house(admin, 'Lonavala');
  const off = await schedule(admin, place, '12:00');
  const { token, ...person } = await customer(admin, 'Ira');
  member = person;
  paid = await book(token, screening, [await freeSeat(screening)]);
  called = await book(token, off, ['A-1']);
  ({ booking_id: open } = await call<{ booking_id: string }>(
    'POST',
    '/bookings',
    { screening_id: screening, seats: [await freeSeat(screening)] },
    token,
  ));
  ({ cascade_id: cascade } = await call<{ cascade_id: string }>(
    'DELETE',
    `/screenings/${off}`,
    { reason: 'A burst pipe' },
    admin,
  ));
  [screen = ''] = place.screens;
  await until(
    () => call<{ finished_at: string | null }>('GET', `/admin/cascades/${cascade}`, undefined, admin),
    ({ finished_at }) => finished_at !== null,
  );
});
afterAll(async () => {
  await browser.close();
});

async function freeSeat(id: string): Promise<string> {
  const { rows } = await call<{ rows: { seats: { seat: string; status: string }[] }[] }>(
    'GET',
    `/screenings/${id}/seats`,
  );
  return rows.flatMap(({ seats }) => seats).findLast(({ status }) => status === 'free')?.seat ?? '';
}

async function settled(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  await page.locator('main h1').first().waitFor({ state: 'attached' });
  await page.evaluate(untilQuiet);
}

/** Runs in the page: waits until nothing has changed for a moment, since axe reads colours one after the other. */
function untilQuiet(): Promise<void> {
  const [quiet, most] = [400, 5_000];
  return new Promise((done) => {
    const end = () => {
      observer.disconnect();
      done();
    };
    let timer = setTimeout(end, quiet);
    const observer = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(end, quiet);
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    setTimeout(end, most);
  });
}

/** Tabs that look at pages side by side: one waits for the network while another is read by axe. */
const TABS = 2;

/** What axe finds in these pages, and which of them are wider than the window. */
async function findings(page: Page, paths: string[]): Promise<string[]> {
  const found: string[] = [];
  const left = [...paths];
  const look = async (tab: Page) => {
    for (let path = left.shift(); path !== undefined; path = left.shift()) {
      await settled(tab, path);
      const violations = await seriousViolations(tab);
      found.push(...violations.map((violation) => `${path ?? ''} ${violation}`));
      const beyond = await tab.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (beyond > 0) found.push(`${path} is ${String(beyond)} px too wide`);
    }
  };
  const others = Array.from({ length: TABS - 1 }, () => anotherTab(page));
  await Promise.all([page, ...(await Promise.all(others))].map(look));
  await page.context().close();
  return found;
}

const guests = () => [
  '/',
  '/search',
  '/search?q=mumbai',
  '/shows',
  `/shows/${show}`,
  '/venues',
  `/venues/${venue}`,
  `/screenings/${screening}`,
  '/sign-in',
  '/forgotten',
  '/reset#token=x',
  '/reminders#token=x',
  '/bookings',
  '/payments/return',
  '/nowhere',
];
const customers = () => [
  '/bookings',
  `/bookings/${paid}`,
  `/bookings/${paid}/move`,
  `/bookings/${called}`,
  `/checkout/${open}`,
  '/payments/return',
  '/wallet',
  '/profile',
];
const administrators = () => [
  ...[
    '',
    '/schedule',
    '/shows',
    `/shows/${show}`,
    '/venues',
    `/venues/${venue}`,
    `/venues/${venue}/screens/new`,
    `/screens/${screen}`,
  ].map((path) => `/admin${path}`),
  ...['sales', 'bookings', 'payments', 'invoices', 'refunds', 'reconciliation'].map(
    (list) => `/admin/money?list=${list}`,
  ),
  ...[
    '/cascades',
    `/cascades/${cascade}`,
    '/mails',
    '/people',
    '/system',
    '/history',
    `/history?aggregate=booking&id=${paid}`,
    `/time-travel/${screening}`,
    '/box-office',
    `/box-office?screening=${screening}`,
    `/screenings/${screening}`,
    '/desk',
    `/desk/${paid}`,
    `/desk/${paid}/move`,
  ].map((path) => `/admin${path}`),
  '/check-in?choose',
  `/check-in?screening=${screening}`,
];

interface Seen {
  /** Milliseconds until the largest thing was painted. */
  paint: number;
  shift: number;
  script: number;
}

/** Runs in the page, before anything else. */
function watch(): void {
  const seen = { paint: 0, shift: 0 };
  (window as unknown as { seen: typeof seen }).seen = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.paint = Math.max(seen.paint, entry.startTime);
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
      if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}

describe('every page', () => {
  for (const [name, as] of [
    ['on a desk', DESKTOP],
    ['on a phone', PHONE],
  ] as const) {
    it(`keeps no guest out, ${name}`, async () => {
      expect(await findings(await visit(browser, as), guests())).toEqual([]);
    }, 120_000);

    it(`keeps no customer out, ${name}`, async () => {
      const page = await visit(browser, as);
      await signIn(page, member.email, member.password);
      expect(await findings(page, customers())).toEqual([]);
    }, 120_000);

    it(`keeps no administrator out, ${name}`, async () => {
      const page = await visit(browser, as);
      await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
      expect(await findings(page, administrators())).toEqual([]);
    }, 240_000);
  }

  it('keeps nobody out of what opens over it', async () => {
    const found: string[] = [];
    const page = await visit(browser, DESKTOP);
    const look = async (name: string) => {
      found.push(...(await seriousViolations(page)).map((violation) => `${name}: ${violation}`));
    };
    await page.goto('/');
    await page.getByRole('combobox', { name: /Search/ }).fill('mar');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await look('suggestions');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /City/ }).click();
    await look('cities');
    await signIn(page, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    for (const [path, button] of [
      ['/admin/shows', 'New show'],
      ['/admin/venues', 'New venue'],
      [`/admin/schedule?venue=${venue}`, 'Schedule'],
      [`/admin/shows/${show}`, 'Cancel show'],
    ] as const) {
      await page.goto(path);
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.getByRole('dialog').waitFor();
      await look(button);
    }
    expect(found).toEqual([]);
    await page.context().close();
  });

  it('is painted soon, stands still, and loads little', async () => {
    const measured = async (path: string): Promise<Seen> => {
      const page = await visit(browser, { ...DESKTOP, reducedMotion: 'no-preference' });
      await page.addInitScript(watch);
      await settled(page, path);
      const seen = await page.evaluate(() => {
        const scripts = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(({ name }) =>
          name.endsWith('.js'),
        );
        return {
          ...(window as unknown as { seen: Omit<Seen, 'script'> }).seen,
          script: scripts.reduce((total, { encodedBodySize }) => total + encodedBodySize, 0),
        };
      });
      await page.context().close();
      return seen;
    };
    const measures: string[] = [];
    for (const path of [
      '/',
      '/shows',
      '/search?q=mumbai',
      `/shows/${show}`,
      `/venues/${venue}`,
      `/screenings/${screening}`,
    ]) {
      // The best of three fresh browsers, so that other load on the machine does not count.
      const seen = [await measured(path), await measured(path), await measured(path)];
      const least = (pick: (one: Seen) => number) => Math.min(...seen.map(pick));
      const [paint, shift, script] = [least((one) => one.paint), least((one) => one.shift), least((one) => one.script)];
      measures.push(
        `${path}: largest paint after ${paint.toFixed(0)} ms, shift ${shift.toFixed(3)}, ` +
          `${(script / 1_000).toFixed(0)} kB of script`,
      );
      expect.soft(paint, `${path}: largest paint`).toBeLessThanOrEqual(PAINT_MAX);
      expect.soft(shift, `${path}: layout shift`).toBeLessThanOrEqual(SHIFT_MAX);
      expect.soft(script, `${path}: script`).toBeLessThanOrEqual(SCRIPT_MAX);
    }
    console.log(measures.join('\n'));
  }, 180_000);

  it('has the icons, the manifest and the rules for robots that browsers and search engines ask for', async () => {
    for (const path of ['/favicon.ico', '/touch-icon.png', '/manifest.json', '/robots.txt']) {
      const response = await fetch(origin() + path);
      expect([path, response.status]).toEqual([path, 200]);
    }
    const page = await visit(browser, DESKTOP);
    await page.goto('/no/such/page');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    expect(await page.locator('meta[name=robots]').getAttribute('content')).toBe('noindex');
    await page.context().close();
  });

  it('shows tickets and their codes without a network, and says what waits for it', async () => {
    const page = await visit(browser, PHONE);
    await signIn(page, member.email, member.password);
    await page.goto('/bookings');
    const ticket = page.locator(`main a[href="/bookings/${paid}"]`);
    await ticket.waitFor();
    // The worker has the files once it is active.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    await page.goto('/bookings');
    await page.getByText('You are offline.').waitFor();
    await ticket.click();
    await page.getByRole('button', { name: /^Show the code of seat/ }).click();
    await page
      .getByRole('dialog')
      .getByRole('img', { name: /^QR code of seat/ })
      .waitFor();
    await page.goto('/shows');
    await page.getByRole('heading', { name: 'You are offline' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('heading', { name: /^On in/ }).waitFor();
    // Nothing is left for the next person at this browser.
    await page.getByRole('button', { name: /account of/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForFunction(async () => !(await caches.keys()).includes('ticketshow.tickets'));
    await page.context().close();
  });

  it('says that the API is unreachable, and recovers by itself', async () => {
    const page = await visit(browser, DESKTOP);
    let unreachable = true;
    await page.route(`${origin()}/api/**`, (route) =>
      unreachable
        ? route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: '{"type":"/problems/unavailable","title":"Away","status":503}',
          })
        : route.continue(),
    );
    await page.goto('/shows');
    await page.getByText('Something is not working on our side').waitFor();
    unreachable = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('main li').first().waitFor();
    await page.context().close();
  });
});
