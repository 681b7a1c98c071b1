import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ADMIN,
  book,
  customer,
  DESKTOP,
  house,
  openBrowser,
  origin,
  PHONE,
  schedule,
  seriousViolations,
  signIn,
  tokenOfAdmin,
  visit,
  type House,
} from './visitor';

let browser: Browser;
let place: House;
let evening: string;
/** Site of the house, on another origin. Its pages are kept here by path. */
let site: Server;
const pages = new Map<string, string>();
let other: string;
beforeAll(async () => {
  browser = await openBrowser();
  const admin = await tokenOfAdmin();
  place = await house(admin, 'Panchgani');
  evening = await schedule(admin, place, '18:30');
  const late = await schedule(admin, place, '22:00');
  // All but one seat of each row.
  const { token } = await customer(admin, 'Wim');
  for (const row of ['A', 'B', 'C', 'D'])
    await book(
      token,
      late,
      Array.from({ length: 9 }, (_, at) => `${row}-${String(at + 1)}`),
    );
  site = createServer((request, response) => {
    const html = pages.get(request.url ?? '');
    response.writeHead(html ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(html);
  });
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  other = `http://127.0.0.1:${String((site.address() as AddressInfo).port)}`;
});
afterAll(async () => {
  site.close();
  await browser.close();
});

/** A page of the house with rules that would break anything they reach. */
function page(attributes: string, lang = 'en'): string {
  return `<!doctype html><html lang="${lang}"><meta name="viewport" content="width=device-width"><title>The Lantern</title>
    <style>* { color: red !important; display: inline !important; font: 40px fantasy !important }</style>
    <main><h1>The Lantern</h1><script src="${origin()}/widget.js" ${attributes} async></script></main></html>`;
}

describe('the widget on the site of a house', () => {
  it('shows the next screenings, and opens the seats in a new tab', async () => {
    pages.set('/', page(`data-venue="${place.venue}"`));
    const visitor = await visit(browser, DESKTOP);
    await visitor.goto(other);
    const widget = visitor.getByRole('region', { name: 'Next screenings at The Lantern' });
    const items = widget.getByRole('listitem');
    await items.first().waitFor();
    expect(await items.count()).toBe(2);
    expect(await items.first().innerText()).toMatch(/Story.*6:30.*Seats available/s);
    expect(await items.nth(1).innerText()).toMatch(/10:00.*4 left/s);
    // The rules of the page do not reach it.
    const style = await items.first().evaluate((item) => {
      const { display, color, fontSize } = getComputedStyle(item);
      return { display, color, fontSize };
    });
    expect(style).toEqual({ display: 'flex', color: 'rgb(28, 22, 32)', fontSize: '16px' });
    expect(await seriousViolations(visitor)).toEqual([]);

    await visitor.keyboard.press('Tab');
    const link = widget.getByRole('link', { name: /^Choose seats .*6:30.*opens in a new tab/ });
    expect(await link.evaluate((element) => element.matches(':focus'))).toBe(true);
    const [seats] = await Promise.all([visitor.context().waitForEvent('page'), visitor.keyboard.press('Enter')]);
    await seats.waitForURL(`${origin()}/screenings/${evening}`);
    await seats.locator('[data-seat="A-1"]').waitFor();
    expect(await visitor.context().cookies(other)).toEqual([]);
    await visitor.context().close();
  });

  it('shows more where there is more, and the keyboard goes on there', async () => {
    pages.set('/more', page(`data-venue="${place.venue}" data-limit="1"`));
    const visitor = await visit(browser, DESKTOP);
    await visitor.goto(`${other}/more`);
    const widget = visitor.getByRole('region', { name: 'Next screenings at The Lantern' });
    await widget.getByRole('listitem').first().waitFor();
    expect(await widget.getByRole('listitem').count()).toBe(1);
    await widget.getByRole('button', { name: 'Show more' }).click();
    await widget.getByRole('listitem').nth(1).waitFor();
    const link = widget.getByRole('link', { name: /^Choose seats .*10:00/ });
    expect(await link.evaluate((element) => element.matches(':focus'))).toBe(true);
    expect(await widget.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    await visitor.context().close();
  });

  it('speaks the language of its page, fits a phone, and recovers by itself', async () => {
    pages.set('/hi', page(`data-show="${place.show}" data-limit="1"`, 'hi-IN'));
    const visitor = await visit(browser, PHONE);
    let isDown = true;
    await visitor.route(`${origin()}/api/v1/screenings?*`, (route) => (isDown ? route.abort() : route.continue()));
    await visitor.goto(`${other}/hi`);
    await visitor.getByRole('status').getByText('शो की जानकारी अभी लोड नहीं हो पा रही है।').waitFor();
    isDown = false;
    await visitor.getByRole('button', { name: 'फिर कोशिश करें' }).click();
    const link = visitor.getByRole('link', { name: /^सीटें चुनें The Lantern/ });
    await link.waitFor();
    expect(await visitor.getByRole('listitem').count()).toBe(1);
    expect(await link.getAttribute('href')).toBe(`${origin()}/screenings/${evening}?lang=hi`);
    const beyond = await visitor.evaluate(() => {
      const region = document.querySelector('ticket-show')?.shadowRoot?.querySelector('section');
      return (region?.scrollWidth ?? 1_000) - (region?.clientWidth ?? 0);
    });
    expect(beyond).toBe(0);
    await visitor.context().close();
  });

  it('is one line that a manager copies from the page of the venue', async () => {
    const manager = await visit(browser, DESKTOP);
    await signIn(manager, ADMIN, process.env.STORIES_ADMIN_PASSWORD);
    await manager.goto(`/admin/venues/${place.venue}`);
    const line = await manager.getByLabel('HTML for your website').inputValue();
    expect(await seriousViolations(manager)).toEqual([]);
    await manager.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: origin() });
    await manager.getByRole('button', { name: 'Copy' }).click();
    await manager.getByText('Copied.').waitFor();
    expect(await manager.evaluate(() => navigator.clipboard.readText())).toBe(line);
    pages.set(
      '/copied',
      `<!doctype html><html lang="en"><title>Copied</title><main><h1>Copied</h1>${line}</main></html>`,
    );
    await manager.goto(`${other}/copied`);
    await manager.getByRole('region', { name: 'Next screenings at The Lantern' }).waitFor();
    await manager.context().close();
  });
});
