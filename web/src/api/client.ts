/**
 * Client of the API. Sends and renews the bearer token, sends the Idempotency-Key of a command and the minimum position
 * of a read, and turns every failure into a `Problem`. The OpenAPI document types the paths, bodies and answers.
 */

import { languageTag } from '../i18n/language';
import { learnTime } from './clock';
import { learnConnection } from './connection';
import { withConfirmation } from './session/confirmation';
import { takeEarly } from './early';
import { keep, kept } from './session/kept';
import { learnPosition, wantedPosition } from './position';
import { Problem } from './problem';
import type { Answer, Method as DocumentedMethod, PathOf, QueryOf, WithBody } from './routes';
import { accessToken, admit, currentSession, currentUser, dismiss, mayRefresh } from './session/session';
import type { SignedIn } from './types';

const BASE = '/api/v1';
/** Calls that sign in, with their own proof. */
const WITHOUT_TOKEN: ReadonlySet<string> = new Set(['/auth/login', '/auth/code/login', '/auth/refresh']);
/** Retries of a command that may not have arrived, and that has a key or changes nothing when it is repeated. */
const RETRIES_MAX = 2;

export type Query = Record<string, string | number | boolean | null | undefined>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Call {
  query?: Query;
  body?: unknown;
  /** One per intent; retries of a command carry the same key. */
  key?: string;
  accept?: string;
  signal?: AbortSignal;
}

/** A key for a new intent. Browsers offer `crypto.randomUUID` over HTTPS only; random bytes work over plain HTTP too. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Reads `path`. */
export function get<const P extends PathOf<'get'>>(
  path: P,
  options: { query?: QueryOf<'get', P>; signal?: AbortSignal } = {},
): Promise<Answer<'get', P>> {
  return call('GET', path, options as Call);
}

/** Reads a file: a ticket's QR code, a PDF. */
export async function getFile(path: string, accept: string, query: Query = {}): Promise<Blob> {
  const response = await send('GET', path, { accept, query });
  return response.blob();
}

type Options<M extends DocumentedMethod, P> = WithBody<M, P> & { key?: string };

/** Sends a command. */
export function command<M extends Exclude<Method, 'GET'>, const P extends PathOf<Lowercase<M>>>(
  method: M,
  path: P,
  ...[options]: object extends Options<Lowercase<M>, P>
    ? [options?: Options<Lowercase<M>, P>]
    : [options: Options<Lowercase<M>, P>]
): Promise<Answer<Lowercase<M>, P>> {
  return call(method, path, options ?? {});
}

async function call<T>(method: Method, path: string, options: Call): Promise<T> {
  return bodyOf<T>(await send(method, path, options));
}

/** Reads the JSON of an answer. 204 and many 202 answers have no body. */
async function bodyOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    // An answer that was cut off, or a page of a proxy in its place.
    throw new Problem(502, 'unreadable-answer');
  }
}

async function send(method: Method, path: string, options: Call): Promise<Response> {
  if (method !== 'GET' || options.accept) return sent(method, path, options);
  const url = address(path, options.query);
  const early = await takeEarly(url);
  if (early?.response.ok) learnTime(early.response.headers.get('Date'), early.sent, early.received);
  try {
    const response = early?.response.ok ? early.response : await sent(method, path, options);
    void keep(url, response);
    return response;
  } catch (problem) {
    const copy = problem instanceof Problem && problem.status === 0 ? await kept(url) : null;
    if (copy) return copy;
    throw problem;
  }
}

async function sent(method: Method, path: string, options: Call): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await (WITHOUT_TOKEN.has(path)
        ? once(method, path, options, null)
        : withToken((token) => once(method, path, options, token)));
    } catch (problem) {
      const repeatable = problem instanceof Problem && (problem.status === 0 || problem.status === 503);
      const isHarmless = options.key !== undefined || method === 'DELETE' || method === 'PUT';
      if (!repeatable || !isHarmless || attempt >= RETRIES_MAX) throw problem;
      await pause((problem.retryAfter ?? 0.4 * 2 ** attempt) * 1_000);
    }
  }
}

/**
 * Makes a call with a valid token. If the API rejects the token, renews it and repeats the call once; if it wants a fresh
 * confirmation, asks for it and repeats the call once.
 */
export function withToken<T>(attempt: (token: string | null) => Promise<T>): Promise<T> {
  return withConfirmation(() => withValidToken(attempt));
}

async function withValidToken<T>(attempt: (token: string | null) => Promise<T>): Promise<T> {
  const user = currentUser();
  if (accessToken() === null && mayRefresh()) await refresh();
  sameUser(user);
  const token = accessToken();
  try {
    return await attempt(token);
  } catch (problem) {
    if (!(problem instanceof Problem) || token === null || !isRejection(problem)) throw problem;
    if (!(await refresh(token))) throw problem;
    sameUser(user);
    return attempt(accessToken());
  }
}

/** True if the token was rejected. Other 401 answers are about a password or a code, which a new token does not mend. */
function isRejection({ status, slug }: Problem): boolean {
  return status === 401 && (slug === 'unauthorized' || slug === 'http-401');
}

/** Stops a call of `user` if another tab has signed in another account, so that it is not made for that account. */
function sameUser(user: string | null): void {
  const now = currentUser();
  if (user !== null && now !== null && now !== user) throw new Problem(401, 'other-account');
}

async function once(method: Method, path: string, options: Call, token: string | null): Promise<Response> {
  const headers = new Headers({ Accept: options.accept ?? 'application/json', 'Accept-Language': languageTag() });
  if (token) headers.set('Authorization', `Bearer ${token}`);
  if (options.key) headers.set('Idempotency-Key', options.key);
  const position = method === 'GET' ? wantedPosition(Date.now()) : null;
  if (position !== null) headers.set('Min-Position', String(position));

  const request: RequestInit = { method, headers, credentials: 'same-origin' };
  if (options.signal) request.signal = options.signal;
  if (options.body instanceof Blob) {
    headers.set('Content-Type', options.body.type);
    request.body = options.body;
  } else if (options.body !== undefined) {
    headers.set('Content-Type', 'application/json');
    request.body = JSON.stringify(options.body);
  }

  const url = address(path, options.query);
  const sent = Date.now();
  let response: Response;
  try {
    response = await fetch(url, request);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    learnConnection(false);
    throw Problem.unreachable();
  }
  const received = Date.now();
  learnConnection(true);
  learnTime(response.headers.get('Date'), sent, received);
  if (method !== 'GET') learnPosition(response.headers.get('Stream-Position'), received);
  if (!response.ok) throw await Problem.of(response);
  return response;
}

/** Characters of a path (RFC 3986, `pchar` and `/`). Ids that pages put into paths come from the address bar. */
const PATH = /^(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+$/;
/** Segments that a browser removes, together with the one before: `.`, `..` and their encoded forms. */
const DOTS = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * The address of a call, for EventSource and links too.
 *
 * An id with `/../`, `?` or `#` in it would lead to another route, so such a path is answered as not found.
 */
export function address(path: string, query: Query = {}): string {
  if (!PATH.test(path) || DOTS.test(path)) throw new Problem(404, 'not-found');
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return BASE + path + (text && `?${text}`);
}

let refreshing: Promise<boolean> | null = null;

/**
 * Gets a new access token with the refresh cookie and returns true if there is one now. `spent` is the rejected
 * token: if another call has renewed it already, no request is made. Tabs take turns, because each refresh
 * replaces the cookie.
 */
export function refresh(spent: string | null = null): Promise<boolean> {
  const current = accessToken();
  if (current !== null && current !== spent) return Promise.resolve(true);
  refreshing ??= inTurn(askForToken).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function askForToken(): Promise<boolean> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const early = attempt === 0 ? await takeEarly(address('/auth/refresh')) : null;
      const response = early?.response.ok ? early.response : await once('POST', '/auth/refresh', {}, null);
      admit(await bodyOf<SignedIn>(response));
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.slug === 'account-disabled') {
        dismiss(true);
        return false;
      }
      if (problem.status !== 401) throw problem;
      // Another tab may have used this cookie a moment ago; its answer has set the next one.
      if (attempt === 0) {
        await pause(250);
        continue;
      }
      dismiss(currentSession().status === 'signed-in');
      return false;
    }
  }
}

async function inTurn(ask: () => Promise<boolean>): Promise<boolean> {
  const { locks } = navigator as Partial<Navigator>;
  return locks ? await locks.request('ticketshow.refresh', ask) : ask();
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 5_000)));
}
