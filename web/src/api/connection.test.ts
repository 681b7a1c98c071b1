import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { get } from './client';
import { isOnline, learnConnection, onConnection, onReconnected } from './connection';
import { Problem } from './problem';
import { dismiss } from './session/session';
import { upload } from './upload';

let network: { onLine: boolean };
let browser: EventTarget;
let changes: boolean[];
let stop: () => void;

beforeEach(() => {
  network = { onLine: true };
  browser = new EventTarget();
  changes = [];
  vi.stubGlobal('navigator', network);
  vi.stubGlobal('window', browser);
  dismiss(false);
  learnConnection(false);
  stop = onConnection(() => changes.push(isOnline()));
});

afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

function browserSays(onLine: boolean): void {
  network.onLine = onLine;
  browser.dispatchEvent(new Event(onLine ? 'online' : 'offline'));
}

it('the network is away and back when the browser says so', () => {
  browserSays(false);
  browserSays(true);
  expect(changes).toEqual([false, true]);
});

it('an answer proves the network to a browser that missed its return, until the next call fails', async () => {
  browserSays(false);
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('{}', { status: 200 })));
  await get('/wallet');
  expect(isOnline()).toBe(true);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')));
  await expect(get('/wallet')).rejects.toMatchObject({ slug: 'offline' });
  expect(changes).toEqual([false, true, false]);
});

it('an upload reports whether it got an answer', async () => {
  let isAnswered = true;
  class Sending {
    readonly upload = {};
    readonly status = 204;
    readonly responseText = '';
    readonly open = vi.fn();
    readonly setRequestHeader = vi.fn();
    onload: (() => void) | null = null;
    onerror: (() => void) | null = null;
    getResponseHeader(): null {
      return null;
    }
    send(): void {
      (isAnswered ? this.onload : this.onerror)?.();
    }
  }
  vi.stubGlobal('XMLHttpRequest', Sending);
  const send = () => upload('/shows/1/poster', new File(['x'], 'poster.png', { type: 'image/png' }), vi.fn());
  browserSays(false);
  await send();
  expect(isOnline()).toBe(true);
  isAnswered = false;
  await expect(send()).rejects.toMatchObject({ slug: 'offline' });
  expect(changes).toEqual([false, true, false]);
});

it('an earlier answer proves nothing once the browser has lost the network', () => {
  learnConnection(true);
  browserSays(false);
  expect(isOnline()).toBe(false);
});

it('a message about the lost network is out of date when it is back, and no other message is', () => {
  browserSays(false);
  const offline = Problem.unreachable();
  expect(offline.isOutdated(isOnline())).toBe(false);
  browserSays(true);
  expect(offline.isOutdated(isOnline())).toBe(true);
  expect(Problem.unreachable().isOutdated(isOnline())).toBe(false);
  expect(new Problem(409, 'seat-taken').isOutdated(isOnline())).toBe(false);
});

it('a page learns that the network is back, also from an answer, and once each time', () => {
  let times = 0;
  const end = onReconnected(() => {
    times += 1;
  });
  browserSays(true);
  expect(times).toBe(0);
  browserSays(false);
  learnConnection(true);
  learnConnection(true);
  expect(times).toBe(1);
  browserSays(true);
  expect(times).toBe(1);
  browserSays(false);
  browserSays(true);
  expect(times).toBe(2);
  end();
});

it('nobody is called after the end of a subscription', () => {
  stop();
  browserSays(false);
  expect(changes).toEqual([]);
});
