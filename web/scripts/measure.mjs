// Measures the app on a slow phone, against a running stack with demo data: node scripts/measure.mjs [origin]
// For the large room it needs the administrator's password, in ADMIN_PASSWORD. NETWORK=slow is a slow network.
import { chromium } from 'playwright-core';

const origin = process.argv[2] ?? 'http://localhost:8000';
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
/** Fast 4G as Chromium's tools define it, and the slow 4G of Lighthouse. */
const NETWORKS = {
  fast: { latency: 165, downloadThroughput: (9_000_000 / 8) * 0.9, uploadThroughput: (1_500_000 / 8) * 0.9 },
  slow: { latency: 150, downloadThroughput: (1_600 * 1_024) / 8, uploadThroughput: (750 * 1_024) / 8 },
};
const NETWORK = { offline: false, ...NETWORKS[process.env.NETWORK ?? 'fast'] };
/** A slow phone, also of Lighthouse. */
const CPU = 4;
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const BIG = { rows: 100, seats: 100 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});

async function api(method, path, body, token) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${origin}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

async function login(email, password) {
  return (await api('POST', '/auth/login', { email, password })).access_token;
}

/** A page of a new browser, with the network and processor of a slow phone once it is signed in. */
async function slowPhone(who, network = NETWORK) {
  const context = await browser.newContext({ ...PHONE, baseURL: origin });
  await context.addInitScript(() => {
    window.seen = { lcp: 0, what: '', shift: 0, fcp: 0, longest: 0 };
    new PerformanceObserver((list) => {
      const last = list.getEntries().at(-1);
      window.seen.lcp = last.startTime;
      window.seen.what = `${last.element?.tagName ?? ''} ${last.url ?? ''}`;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.seen.shift += shift.value;
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => {
      for (const event of list.getEntries()) window.seen.longest = Math.max(window.seen.longest, event.duration);
    }).observe({ type: 'event', durationThreshold: 16 });
  });
  let page = await context.newPage();
  if (who) {
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(who.email);
    await page.getByLabel('Password', { exact: true }).fill(who.password);
    await page.locator('form button[type=submit]').click();
    await page.waitForURL((address) => address.pathname !== '/sign-in');
    await page.close();
    page = await context.newPage();
  }
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.clearBrowserCache');
  await devtools.send('Network.emulateNetworkConditions', network);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU });
  return { page, devtools, close: () => context.close() };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function load(path, who) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { page, devtools, close } = await slowPhone(who);
    const bytes = { Script: 0, Font: 0, Image: 0, Fetch: 0, Document: 0, Stylesheet: 0 };
    const kinds = new Map();
    devtools.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const kind = kinds.get(requestId) === 'XHR' ? 'Fetch' : kinds.get(requestId);
      if (kind in bytes) bytes[kind] += encodedDataLength;
    });
    await page.goto(path, { waitUntil: 'load' });
    // The answers and the posters come after the load event.
    await page.waitForTimeout(7_000);
    const seen = await page.evaluate(() => ({
      ...window.seen,
      fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    }));
    rounds.push({ ...seen, bytes });
    await close();
  }
  return {
    fcp: median(rounds.map(({ fcp }) => fcp)),
    lcp: median(rounds.map(({ lcp }) => lcp)),
    least: Math.min(...rounds.map(({ lcp }) => lcp)),
    shift: Math.max(...rounds.map(({ shift }) => shift)),
    what: rounds.at(-1).what,
    bytes: rounds.at(-1).bytes,
  };
}

/** A screening in a room of 10,000 seats, and a third of it sold would not make it smaller. */
async function largeRoom(token) {
  const mark = Date.now().toString(36);
  const venue = await api(
    'POST',
    '/venues',
    {
      name: `Stadium ${mark}`,
      address: '1 Long Road',
      city: 'Mumbai',
      timezone: 'Asia/Kolkata',
      opens_at: '09:00',
      closes_at: '01:00',
    },
    token,
  );
  const rows = Array.from({ length: BIG.rows }, (_, index) => ({
    label: `${String.fromCharCode(65 + Math.floor(index / 26))}${String.fromCharCode(65 + (index % 26))}`,
    category: index < 20 ? 'front' : index < 70 ? 'middle' : 'back',
    seats: BIG.seats,
    aisles_after: [20, 40, 60, 80],
    accessible: [],
  }));
  const screen = await api('POST', `/venues/${venue.venue_id}/screens`, { name: 'Arena', layout: { rows } }, token);
  const show = await api(
    'POST',
    '/shows',
    {
      title: `The Large Room ${mark}`,
      description: 'Made for measuring.',
      duration_minutes: 100,
      language: 'English',
      genres: ['Drama'],
    },
    token,
  );
  const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const price = { amount_minor: 25_000, currency: 'INR' };
  const screening = await api(
    'POST',
    '/screenings',
    {
      show_id: show.show_id,
      screen_id: screen.screen_id,
      starts_at: `${day}T18:00:00+05:30`,
      prices: { front: price, middle: price, back: price },
    },
    token,
  );
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await fetch(`${origin}/api/v1/screenings/${screening.screening_id}/seats`)).ok) break;
    await new Promise((done) => setTimeout(done, 200));
  }
  return screening.screening_id;
}

/** Opens the map with a slow processor, and taps and zooms. The network is fast: the map itself is measured. */
async function room(id) {
  const { page, close } = await slowPhone(null, {
    offline: false,
    latency: 20,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  // From the arrival of the seats to the first picture of them.
  await page.addInitScript(() => {
    const watch = () => {
      if (document.querySelector('[role=grid] [data-seat], [role=grid][data-drawn]'))
        window.mapThere = performance.now();
      else requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
  });
  await page.goto(`/screenings/${id}`);
  await page.waitForFunction(() => window.mapThere, null, { timeout: 60_000 });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
  const opened = await page.evaluate(() => {
    const answer = performance.getEntriesByType('resource').filter(({ name }) => /\/seats$/.test(name))[0];
    return { sincePage: window.mapThere, sinceSeats: window.mapThere - answer.responseEnd };
  });
  await page.waitForTimeout(1_500);
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  const box = await page.locator('[role=grid]').boundingBox();
  const timed = async (act) => {
    await page.evaluate(() => {
      window.seen.longest = 0;
    });
    await act();
    await page.waitForTimeout(2_500);
    return page.evaluate(() => window.seen.longest);
  };
  const at = [box.x + box.width / 2 + 3, box.y + box.height / 2 + 3];
  const nearer = await timed(() => page.touchscreen.tap(...at));
  const choose = await timed(() => page.touchscreen.tap(...at));
  const another = await timed(() => page.touchscreen.tap(at[0] + 50, at[1]));
  const press = async (name) => {
    const button = await page.getByRole('button', { name }).boundingBox();
    return timed(() => page.touchscreen.tap(button.x + button.width / 2, button.y + button.height / 2));
  };
  const zoom = await press('Zoom out');
  const whole = await press('Whole room');
  await close();
  return { ...opened, nodes, nearer, choose, another, zoom, whole };
}

const only = process.env.ONLY?.split(',');
const asha = { email: 'asha@example.com', password: process.env.CUSTOMER_PASSWORD ?? 'ticketshow demo' };
const first = async (path, field) => (await api('GET', path)).items[0][field];
/** A screening in a room of usual size. */
async function someSeats() {
  const { items } = await api('GET', '/screenings?city=Mumbai&limit=100');
  const usual = items.find(
    ({ capacity, starts_at }) => capacity < 250 && Date.parse(starts_at) > Date.now() + 3_600_000,
  );
  return usual.screening_id;
}
const pages = {
  home: ['/', null],
  shows: ['/shows', null],
  show: [`/shows/${await first('/shows?city=Mumbai&limit=1', 'show_id')}`, null],
  seats: [`/screenings/${await someSeats()}`, null],
  tickets: ['/bookings', asha],
};
for (const [name, [path, who]] of Object.entries(pages)) {
  if (only && !only.includes(name)) continue;
  const { fcp, lcp, least, shift, what, bytes } = await load(path, who);
  const kB = (number) => String(Math.round(number / 1_000));
  console.log(
    `| ${name} | ${(fcp / 1_000).toFixed(1)} s | ${(lcp / 1_000).toFixed(1)} s | ${(least / 1_000).toFixed(1)} s | ${shift.toFixed(3)} | ${kB(bytes.Script)} | ${kB(bytes.Font)} | ${kB(bytes.Image)} | ${kB(bytes.Fetch)} |   <!-- ${what} -->`,
  );
}
if (process.env.ADMIN_PASSWORD && (!only || only.includes('room'))) {
  const token = await login(process.env.ADMIN_EMAIL ?? 'admin@ticketshow.local', process.env.ADMIN_PASSWORD);
  console.log(await room(process.env.ROOM ?? (await largeRoom(token))));
}
await browser.close();
