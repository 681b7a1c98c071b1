// Measures the processor time of the page's main thread, by the clock of the thread, so that other programs on the machine do
// not count: node scripts/processor.mjs [origin], against a running stack with demo data.
// ROOM is the id of a screening in a large room, which scripts/measure.mjs makes and prints.
import { chromium } from 'playwright-core';

const origin = process.argv[2] ?? 'http://localhost:8000';
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
/** Fast 4G as Chromium's tools define it. */
const NETWORK = {
  offline: false,
  latency: 165,
  downloadThroughput: (9_000_000 / 8) * 0.9,
  uploadThroughput: (1_500_000 / 8) * 0.9,
};
/** The phone is this many times slower than the machine. */
const SLOWER = 4;

const CATEGORIES = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'blink.user_timing',
  'loading',
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});

/** Traces `act` and what it causes within `wait` milliseconds. */
async function traced(page, wait, act) {
  await browser.startTracing(page, { categories: CATEGORIES });
  await act();
  await page.waitForTimeout(wait);
  return JSON.parse((await browser.stopTracing()).toString()).traceEvents;
}

/** Milliseconds that a thread worked between two moments, in tasks that are not part of another one. */
function worked(events, { pid, tid }, from, to) {
  const tasks = events.filter((one) => one.ph === 'X' && one.tdur && one.pid === pid && one.tid === tid);
  tasks.sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  let [end, total] = [from, 0];
  for (const { ts, dur, tdur } of tasks) {
    if (ts < end || ts > to) continue;
    end = ts + dur;
    total += tdur / 1_000;
  }
  return total;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function load(path) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await (await browser.newContext({ ...PHONE, baseURL: origin })).newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', NETWORK);
    const events = await traced(page, 3_500, () => page.goto(path, { waitUntil: 'load' }));
    await page.context().close();
    const paint = events.filter(({ name }) => name === 'largestContentfulPaint::Candidate').at(-1);
    const sent = events.filter(({ name, args }) => name === 'ResourceSendRequest' && args.data.url.startsWith(origin));
    const start = Math.min(...sent.map(({ ts }) => ts));
    rounds.push({ paint: (paint.ts - start) / 1_000, work: worked(events, paint, start, paint.ts) });
  }
  const [paint, work] = [median(rounds.map((one) => one.paint)), median(rounds.map((one) => one.work))];
  return { paint, work, onPhone: paint + (SLOWER - 1) * work };
}

/** From the click of a tap to the first picture that shows its effect. */
async function tap(page, x, y) {
  const events = await traced(page, 1_200, () => page.touchscreen.tap(x, y));
  const click = events.find(({ name, args }) => name === 'EventDispatch' && args.data.type === 'click');
  const before = events.filter(({ name, args }) => name === 'EventDispatch' && /down|start/.test(args.data.type));
  const from = Math.min(click.ts, ...before.map(({ ts }) => ts));
  const shown = events.find(({ name, ts, tid }) => name === 'Commit' && tid === click.tid && ts > click.ts + click.dur);
  return worked(events, click, from - 1_000, shown.ts + shown.dur);
}

const first = async (path) => (await (await fetch(`${origin}/api/v1${path}`)).json()).items;
const show = (await first('/shows?city=Mumbai&limit=1'))[0].show_id;
const screening = (await first('/screenings?city=Mumbai&limit=100')).find(
  ({ capacity, starts_at }) => capacity < 250 && Date.parse(starts_at) > Date.now() + 3_600_000,
).screening_id;
for (const path of ['/', `/shows/${show}`, `/screenings/${screening}`]) {
  const { paint, work, onPhone } = await load(path);
  console.log(`${path}: ${paint.toFixed(0)} ms, ${work.toFixed(0)} ms of work; on the phone ${onPhone.toFixed(0)} ms`);
}
if (process.env.ROOM) {
  const page = await (await browser.newContext({ ...PHONE, baseURL: origin })).newPage();
  await page.goto(`/screenings/${process.env.ROOM}`);
  await page.locator('[role=grid] [data-seat]').first().waitFor({ state: 'attached', timeout: 60_000 });
  await page.waitForTimeout(2_500);
  const box = await page.locator('[role=grid]').boundingBox();
  const [x, y] = [box.x + box.width / 2 + 3, box.y + box.height / 2 + 3];
  for (const [name, right] of [
    ['nearer', 0],
    ['a seat', 0],
    ['another', 50],
  ]) {
    const work = await tap(page, x + right, y);
    console.log(`${name}: ${work.toFixed(0)} ms of work; on the phone ${(SLOWER * work).toFixed(0)} ms`);
  }
}
await browser.close();
