import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { address, command, get, newKey, refresh } from './client';
import { isAsking, settleQuestion } from './session/confirmation';
import { idIn } from './keys/ids';
import { forgetPosition } from './position';
import { Problem } from './problem';
import { accessToken, admit, currentSession, dismiss } from './session/session';
import type { SignedIn } from './types';
import { challengeOf, signIn } from './session/use-session';

const ADA: SignedIn = {
  access_token: 'first',
  token_type: 'Bearer',
  expires_in: 600,
  user: { user_id: '1', email: 'ada@example.org', name: 'Ada', role: 'customer' },
};

type Answer = Response | Error;
let answers: Answer[] = [];
let asked: { url: string; method: string; headers: Headers; body: unknown }[] = [];

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
}

function problem(status: number, slug: string, more: object = {}, headers: Record<string, string> = {}): Response {
  return json(status, { type: `/problems/${slug}`, title: slug, status, ...more }, headers);
}

beforeEach(() => {
  answers = [];
  asked = [];
  forgetPosition();
  dismiss(false);
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('fetch', (url: string, request: RequestInit) => {
    asked.push({ url, method: request.method ?? 'GET', headers: new Headers(request.headers), body: request.body });
    const answer = answers.shift() ?? new TypeError('nothing answers');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const SEATS = { screening_id: 's', seats: ['A-1'] };

describe('positions', () => {
  it('a query after a command asks for the position that the command wrote', async () => {
    answers = [json(201, {}, { 'Stream-Position': '41' }), json(200, {}), json(200, {})];
    await command('POST', '/bookings', { body: SEATS, key: 'k' });
    await get('/bookings');
    expect(asked[1]?.headers.get('Min-Position')).toBe('41');
  });

  it('an older position never replaces a newer one', async () => {
    answers = [json(200, {}, { 'Stream-Position': '41' }), json(200, {}, { 'Stream-Position': '7' }), json(200, {})];
    await command('PATCH', '/me', { body: {} });
    await command('PATCH', '/me', { body: {} });
    await get('/me');
    expect(asked[2]?.headers.get('Min-Position')).toBe('41');
  });

  it('a query before any command asks for no position', async () => {
    answers = [json(200, {})];
    await get('/shows', { query: { city: 'Pune', date: null } });
    expect(asked[0]?.headers.has('Min-Position')).toBe(false);
    expect(asked[0]?.url).toBe('/api/v1/shows?city=Pune');
  });
});

describe('answers', () => {
  it.each([
    ['/auth/forgotten', { body: { email: 'ada@example.org' } }],
    ['/bookings/b/mail', {}],
    ['/admin/parked/p/retry', {}],
  ] as const)('POST %s succeeds without a body', async (path, options) => {
    answers = [new Response(null, { status: 202 })];
    await expect(command('POST', path as '/auth/forgotten', options as never)).resolves.toBeUndefined();
  });

  it('an answer that was cut off is a passing problem, not an error of a parser', async () => {
    answers = [new Response('{"items": [', { status: 200, headers: { 'Content-Type': 'application/json' } })];
    await expect(get('/shows')).rejects.toMatchObject({ passing: true, slug: 'unreadable-answer' });
  });
});

describe('paths', () => {
  it('an id from the address bar cannot lead to another route', async () => {
    const ids = ['../admin/accounts?q=x#', '..', '.', '%2e%2e/admin', 'x/%2E./me', 'x?status=held', 'x#', 'a b'];
    for (const id of ids) {
      await expect(get(`/payments/${id}`), id).rejects.toMatchObject({ status: 404, slug: 'not-found' });
    }
    expect(asked).toEqual([]);
  });

  it('a parameter of an address is an id only if it is a UUID', () => {
    expect(idIn('0190a0c8-1f7e-7c21-8a3b-0123456789ab')).toBe('0190a0c8-1f7e-7c21-8a3b-0123456789ab');
    for (const text of ['../admin/accounts?q=x#', '', 'x', '0190a0c8-1f7e-7c21-8a3b-0123456789ab/..', null, undefined])
      expect(idIn(text), String(text)).toBeNull();
  });

  it('ids and encoded names of seats are sent as they are', () => {
    expect(address('/bookings/0190a0c8-1f7e-7c21/tickets/A%2F1-7/qr.svg')).toBe(
      '/api/v1/bookings/0190a0c8-1f7e-7c21/tickets/A%2F1-7/qr.svg',
    );
    expect(address('/shows', { q: 'a/../b?#' })).toBe('/api/v1/shows?q=a%2F..%2Fb%3F%23');
  });
});

describe('keys', () => {
  it('are made over plain HTTP too, where browsers lack randomUUID', () => {
    const { crypto: secure } = globalThis;
    vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => secure.getRandomValues(bytes) });
    const keys = [newKey(), newKey()];
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys).size).toBe(2);
  });
});

describe('retries', () => {
  it('a command with a key is sent again unchanged if it may not have arrived', async () => {
    answers = [new TypeError('network'), problem(503, 'unavailable'), json(201, { booking_id: 'b' })];
    await expect(command('POST', '/bookings', { body: SEATS, key: 'k' })).resolves.toEqual({
      booking_id: 'b',
    });
    expect(asked.map(({ headers }) => headers.get('Idempotency-Key'))).toEqual(['k', 'k', 'k']);
    expect(new Set(asked.map(({ body }) => body)).size).toBe(1);
  });

  it('a command without a key is not sent again, unless repeating it changes nothing', async () => {
    answers = [new TypeError('network')];
    await expect(command('POST', `/bookings/${'b' as string}/mail`)).rejects.toMatchObject({ slug: 'unreachable' });
    expect(asked).toHaveLength(1);
    answers = [new TypeError('network'), json(200, { status: 'cancelled' })];
    await expect(command('DELETE', `/bookings/${'b' as string}`)).resolves.toEqual({ status: 'cancelled' });
    expect(asked).toHaveLength(3);
  });

  it('a refusal is final', async () => {
    answers = [problem(409, 'seat-taken', { seats: ['A-1', 'A-2'] })];
    const refusal = await command('POST', '/bookings', { body: SEATS, key: 'k' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Problem);
    expect((refusal as Problem).message).toBe('Seats A-1 and A-2 were just taken.');
    expect(asked).toHaveLength(1);
  });
});

describe('tokens', () => {
  it('a rejected token is renewed once, and the call is repeated', async () => {
    admit(ADA);
    answers = [problem(401, 'unauthorized'), json(200, { ...ADA, access_token: 'second' }), json(200, { balance: 1 })];
    await expect(get('/wallet')).resolves.toEqual({ balance: 1 });
    expect(asked.map(({ url }) => url)).toEqual(['/api/v1/wallet', '/api/v1/auth/refresh', '/api/v1/wallet']);
    expect(asked[2]?.headers.get('Authorization')).toBe('Bearer second');
  });

  it('concurrent calls share one refresh', async () => {
    admit({ ...ADA, expires_in: 0 });
    answers = [json(200, { ...ADA, access_token: 'second' }), json(200, 1), json(200, 2), json(200, 3)];
    await Promise.all([get('/me'), get('/wallet'), get('/bookings')]);
    expect(asked.filter(({ url }) => url.endsWith('/auth/refresh'))).toHaveLength(1);
  });

  it('a session that has ended leaves a guest and is marked as ended', async () => {
    admit({ ...ADA, expires_in: 0 });
    answers = [problem(401, 'session-ended'), problem(401, 'session-ended')];
    await expect(refresh()).resolves.toBe(false);
    expect(currentSession()).toEqual({ status: 'guest', ended: true });
    expect(accessToken()).toBeNull();
  });

  it('an unreachable API signs no user out', async () => {
    admit({ ...ADA, expires_in: 0 });
    answers = [problem(503, 'unavailable')];
    await expect(refresh()).rejects.toMatchObject({ status: 503 });
    expect(currentSession().status).toBe('signed-in');
  });

  it('a guest sends no token and asks for none', async () => {
    answers = [json(200, {})];
    await get('/shows');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers.has('Authorization')).toBe(false);
  });
});

describe('signing in', () => {
  it('a wrong password is asked about once, and no token is renewed for it', async () => {
    admit(ADA);
    answers = [problem(401, 'bad-credentials')];
    await expect(command('POST', '/auth/confirm', { body: { password: 'wrong' } })).rejects.toMatchObject({
      slug: 'bad-credentials',
    });
    expect(asked).toHaveLength(1);
  });

  it('an account with a second factor signs in with the challenge and a code', async () => {
    answers = [problem(401, 'second-factor-needed', { challenge: 'c1' }), json(200, ADA)];
    const refusal = await signIn('ada@example.org', { password: 'long enough' }).catch((error: unknown) => error);
    const challenge = challengeOf(refusal);
    expect(challenge).toBe('c1');
    await signIn('ada@example.org', { password: 'long enough' }, { challenge: challenge ?? '', otp: '123456' });
    expect(JSON.parse(String(asked[1]?.body))).toEqual({
      email: 'ada@example.org',
      password: 'long enough',
      challenge: 'c1',
      otp: '123456',
    });
    expect(currentSession().status).toBe('signed-in');
  });

  it('a mailed code signs in by itself', async () => {
    answers = [json(200, ADA)];
    await signIn('ada@example.org', { code: '123456' });
    expect(asked[0]?.url).toBe('/api/v1/auth/code/login');
    expect(JSON.parse(String(asked[0]?.body))).toEqual({ email: 'ada@example.org', code: '123456' });
  });

  it('a disabled account is signed out', async () => {
    admit({ ...ADA, expires_in: 0 });
    answers = [problem(403, 'account-disabled')];
    await expect(refresh()).resolves.toBe(false);
    expect(currentSession()).toEqual({ status: 'guest', ended: true });
  });
});

describe('a fresh confirmation', () => {
  const credit = () =>
    command('POST', `/admin/wallets/${'u' as string}/credits`, {
      body: { amount: { amount_minor: 100, currency: 'INR' }, reason: 'A gift' },
      key: 'k',
    });
  const urls = () => asked.map(({ url }) => url.replace('/api/v1', ''));

  it('is asked for, and the call is made again with the same key', async () => {
    admit(ADA);
    answers = [problem(403, 'confirmation-needed'), new Response(null, { status: 204 }), json(201, {})];
    const credited = credit();
    await vi.waitFor(() => {
      expect(isAsking()).toBe(true);
    });
    await command('POST', '/auth/confirm', { body: { password: 'long enough' } });
    settleQuestion(true);
    await expect(credited).resolves.toEqual({});
    expect(urls()).toEqual(['/admin/wallets/u/credits', '/auth/confirm', '/admin/wallets/u/credits']);
    expect(asked[2]?.headers.get('Idempotency-Key')).toBe('k');
    expect(isAsking()).toBe(false);
  });

  it('that is declined refuses the call', async () => {
    admit(ADA);
    answers = [problem(403, 'confirmation-needed')];
    const credited = credit();
    await vi.waitFor(() => {
      expect(isAsking()).toBe(true);
    });
    settleQuestion(false);
    await expect(credited).rejects.toMatchObject({ slug: 'confirmation-needed' });
    expect(asked).toHaveLength(1);
  });

  it('is one question for all calls that wait for it', async () => {
    admit(ADA);
    answers = [problem(403, 'confirmation-needed'), problem(403, 'confirmation-needed'), json(201, 1), json(201, 2)];
    const both = Promise.all([credit(), credit()]);
    await vi.waitFor(() => {
      expect(asked).toHaveLength(2);
      expect(isAsking()).toBe(true);
    });
    settleQuestion(true);
    await expect(both).resolves.toEqual([1, 2]);
  });
});

describe('problems', () => {
  it('invalid values are reported by field', async () => {
    answers = [
      problem(422, 'invalid', {
        errors: [{ pointer: '/layout/rows/0/label', message: 'must be 1 to 4 capital letters or digits' }],
      }),
    ];
    const refusal = (await command('POST', `/venues/${'v' as string}/screens`, {
      body: { name: '', layout: { rows: [] } },
    }).catch((error: unknown) => error)) as Problem;
    expect(refusal.flaw('/layout/rows/0/label')).toBe('Must be 1 to 4 capital letters or digits.');
    expect(refusal.message).toBe('Label must be 1 to 4 capital letters or digits.');
  });

  it('an answer that is not a problem document still gets a readable message', async () => {
    answers = [new Response('<h1>Bad gateway</h1>', { status: 502 })];
    await expect(get('/shows')).rejects.toMatchObject({
      passing: true,
      message: 'Something is not working on our side. Please try again in a moment.',
    });
  });

  it('a missing route is distinguished from a missing resource', () => {
    expect(new Problem(405, 'method-not-allowed').notOffered).toBe(true);
    expect(new Problem(404, 'not-found').notOffered).toBe(false);
  });
});
