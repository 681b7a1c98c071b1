import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { command } from '../client';
import { clearForOtherAccounts } from './owner';
import { accessToken, admit, currentSession, dismiss, watchOtherTabs } from './session';
import type { SignedIn } from '../types';

function signedIn(user_id: string, name: string): SignedIn {
  const user = { user_id, name, email: `${user_id}@example.org`, role: 'customer' } as const;
  return { access_token: `token of ${user_id}`, token_type: 'Bearer', expires_in: 600, user };
}
const ASHA = signedIn('asha', 'Asha');
const BILAL = signedIn('bilal', 'Bilal');

let stop: () => void;
let switched: string[];
let client: QueryClient;
let window: EventTarget;
const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  window = new EventTarget();
  vi.stubGlobal('window', window);
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  dismiss(false);
  switched = [];
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  stop = clearForOtherAccounts(client, (name) => switched.push(name));
});

afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

describe('what one account has read', () => {
  it('is gone when its session ends, before another person signs in', () => {
    admit(ASHA);
    client.setQueryData(['/wallet', {}], { balance: 499_000 });
    dismiss(true);
    expect(client.getQueryData(['/wallet', {}])).toBeUndefined();
    admit(BILAL);
    expect(client.getQueryData(['/wallet', {}])).toBeUndefined();
  });

  it('is gone when a refresh brings another account, and an open page asks again', async () => {
    admit(ASHA);
    const asked = vi.fn(() => Promise.resolve(asked.mock.calls.length === 1 ? 'of Asha' : 'of Bilal'));
    const page = new QueryObserver(client, { queryKey: ['/bookings/1', {}], queryFn: asked });
    const leave = page.subscribe(() => undefined);
    await vi.waitFor(() => {
      expect(page.getCurrentResult().data).toBe('of Asha');
    });
    admit(BILAL);
    expect(page.getCurrentResult().data).toBeUndefined();
    await vi.waitFor(() => {
      expect(page.getCurrentResult().data).toBe('of Bilal');
    });
    expect(switched).toEqual(['Bilal']);
    leave();
  });

  it('stays while the same account renews its token', () => {
    admit(ASHA);
    client.setQueryData(['/wallet', {}], { balance: 1 });
    admit({ ...ASHA, access_token: 'another' });
    expect(client.getQueryData(['/wallet', {}])).toEqual({ balance: 1 });
    expect(switched).toEqual([]);
  });
});

describe('another tab', () => {
  const otherTab = (newValue: string | null) =>
    window.dispatchEvent(Object.assign(new Event('storage'), { key: 'ticketshow.signed-in', newValue }));

  it('that signs in another account, or out, is noticed', () => {
    admit(ASHA);
    const seen: (string | null)[] = [];
    watchOtherTabs((user) => seen.push(user));
    otherTab('asha');
    otherTab('bilal');
    otherTab(null);
    expect(seen).toEqual(['bilal', null]);
  });

  it('cannot make a call of one account be carried out for another', async () => {
    admit(ASHA);
    const asked: string[] = [];
    vi.stubGlobal('fetch', (url: string) => {
      asked.push(url);
      return Promise.resolve(
        url.endsWith('/auth/refresh')
          ? new Response(JSON.stringify(BILAL), { status: 200 })
          : new Response('{}', { status: 401, headers: { 'Content-Type': 'application/problem+json' } }),
      );
    });
    await expect(
      command('POST', `/bookings/${'b' as string}/payment`, { body: { method: 'wallet' }, key: 'k' }),
    ).rejects.toMatchObject({ slug: 'other-account' });
    expect(asked).toEqual(['/api/v1/bookings/b/payment', '/api/v1/auth/refresh']);
    expect(currentSession()).toMatchObject({ user: { user_id: 'bilal' } });
    expect(accessToken()).toBe('token of bilal');
  });
});
