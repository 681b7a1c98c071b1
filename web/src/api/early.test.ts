import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { address, get } from './client';
import { takeEarly } from './early';
import { queryClient, reading, wholeList } from './queries';
import { dismiss } from './session/session';
import { firstData } from '../first-data';

const script = readFileSync(new URL('../../public/start.js', import.meta.url), 'utf8');
const CITIES = [
  { name: 'Delhi', shows: 3 },
  { name: 'New Mumbai', shows: 9 },
];

/** Runs the script of the page at `address`, and returns what it asked for and what it loads ahead. */
async function started(page: string, kept: Record<string, string> = {}, answers: Record<string, unknown> = {}) {
  const asked: string[] = [];
  const links: { rel: string; href: string }[] = [];
  const { pathname, search } = new URL(page, 'http://localhost');
  const window: { ticketshowEarly?: Map<string, unknown> } = {};
  runInNewContext(script, {
    window,
    location: { pathname, search },
    localStorage: { getItem: (key: string) => kept[key] ?? null },
    matchMedia: () => ({ matches: false }),
    navigator: { locks: { request: (_: string, act: () => unknown) => Promise.resolve(act()) } },
    document: {
      documentElement: { dataset: {} },
      head: { append: (link: { rel: string; href: string }) => links.push(link) },
      createElement: () => ({}),
    },
    URLSearchParams,
    Promise,
    Date,
    Map,
    fetch: (url: string) => {
      asked.push(url);
      const body = url.includes('/cities') ? { items: CITIES } : (answers[url] ?? {});
      return Promise.resolve(Response.json(body));
    },
  });
  await vi.waitFor(() => {
    expect(asked.length).toBeGreaterThan(1);
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  return { asked, links, early: window.ticketshowEarly };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('what the page asks for before the app is there', () => {
  const shows = address('/shows', { limit: 100, city: 'New Mumbai', status: 'active', cursor: null });

  it('is what the home page and the list of shows read, in the city with the most shows', async () => {
    for (const page of ['/', '/shows']) {
      const { asked } = await started(page);
      expect(asked).toContain(shows);
    }
  });

  it('is read in the chosen city without waiting for the list of cities', async () => {
    const { asked } = await started('/', { 'ticketshow.city': 'Delhi' });
    expect(asked).toContain(address('/shows', { limit: 100, city: 'Delhi', status: 'active' }));
    const { asked: asWished } = await started('/shows?city=Pune', { 'ticketshow.city': 'Delhi' });
    expect(asWished).toContain(address('/shows', { limit: 100, city: 'Pune', status: 'active' }));
  });

  it('loads the picture of the next film ahead', async () => {
    const show = (poster_url: string, next_screening_at: string | null, genres = ['Drama']) => ({
      poster_url,
      next_screening_at,
      genres,
    });
    const items = [
      show('/later.jpg', '2026-11-30T12:00:00Z'),
      show('/next.jpg', '2026-11-30T10:00:00Z'),
      show('/play.jpg', '2026-11-30T09:00:00Z', ['Play']),
      show('/none.jpg', null),
    ];
    const { links } = await started('/', {}, { [shows]: { items } });
    expect(links.map(({ href }) => href)).toEqual(['/next.jpg']);
  });

  it('asks a guest for no account, and leaves the seats of a signed-in reader to the app', async () => {
    const guest = await started('/screenings/1');
    expect(guest.asked).toEqual(
      expect.arrayContaining(['/screenings/1', '/screenings/1/seats'].map((path) => address(path))),
    );
    expect(guest.asked).not.toContain(address('/auth/refresh'));
    const reader = await started('/screenings/1', { 'ticketshow.signed-in': 'someone' });
    expect(reader.asked).toContain(address('/auth/refresh'));
    expect(reader.asked).not.toContain(address('/screenings/1/seats'));
  });
});

describe('an early answer', () => {
  const answer = (body: unknown, sent = Date.now()) => ({ sent, answer: Promise.resolve(Response.json(body)) });

  it('is taken once, in place of a request', async () => {
    const fetched = vi.fn(() => Promise.resolve(Response.json({ items: [] })));
    vi.stubGlobal('fetch', fetched);
    vi.stubGlobal('navigator', { onLine: true });
    vi.stubGlobal('window', { ticketshowEarly: new Map([[address('/policy'), answer({ holds_max: 7 })]]) });
    dismiss(false);
    expect(await get('/policy')).toEqual({ holds_max: 7 });
    expect(fetched).not.toHaveBeenCalled();
    await get('/policy');
    expect(fetched).toHaveBeenCalledOnce();
  });

  it('is not taken late, or if it failed', async () => {
    const failed = { sent: Date.now(), answer: Promise.reject(new TypeError('offline')) };
    vi.stubGlobal('window', {
      ticketshowEarly: new Map([
        ['/late', answer({}, Date.now() - 60_000)],
        ['/failed', failed],
      ]),
    });
    expect(await takeEarly('/late')).toBeNull();
    expect(await takeEarly('/failed')).toBeNull();
    expect(await takeEarly('/never asked')).toBeNull();
  });
});

describe('the data of the first page', () => {
  it('are there when it is rendered, without another request', async () => {
    const list = (name: string) => ({ items: [{ [`${name}_id`]: name }], next_cursor: null });
    const answers = {
      [address('/shows', { limit: 100, city: 'New Mumbai', status: 'active' })]: list('show'),
      [address('/shows/s1')]: { show_id: 's1' },
      [address('/screenings/x1')]: { screening_id: 'x1' },
      [address('/screenings/x1/seats')]: { position: 7, rows: [] },
    };
    const inNewMumbai = wholeList('/shows', { city: 'New Mumbai', status: 'active' });
    for (const [page, keys] of [
      ['/', [inNewMumbai.queryKey]],
      ['/shows', [inNewMumbai.queryKey]],
      ['/shows/s1', [reading('/shows/s1').queryKey]],
      ['/screenings/x1', [reading('/screenings/x1').queryKey, reading('/screenings/x1/seats').queryKey]],
    ] as const) {
      queryClient.clear();
      const { early } = await started(page, {}, answers);
      vi.stubGlobal('window', { ticketshowEarly: early });
      vi.stubGlobal('fetch', () => Promise.reject(new TypeError('asked once more')));
      await firstData(page);
      for (const key of keys) expect(queryClient.getQueryData(key), `${page} ${String(key[0])}`).toBeDefined();
    }
  });

  it('are not waited for on a page that asked for nothing', async () => {
    queryClient.clear();
    vi.stubGlobal('window', { ticketshowEarly: new Map() });
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    await firstData('/shows/s1');
    await firstData('/wallet');
    expect(queryClient.getQueryCache().getAll()).toEqual([]);
  });
});
