/** The signed-in user. The access token is kept in memory only, the refresh token in a cookie hidden from scripts. */

import type { Person, SignedIn } from './types';

/** `unknown` until the first refresh is answered; `ended` if a signed-in session has expired or was revoked. */
export type Session =
  { status: 'unknown' } | { status: 'guest'; ended: boolean } | { status: 'signed-in'; user: Person };

/** Marks that a refresh cookie may exist. Without it the page makes no refresh request. */
const HINT = 'ticketshow.signed-in';
/** A token that expires within this many milliseconds is no longer used. */
const MARGIN_MS = 15_000;

let session: Session = { status: 'unknown' };
let token: { text: string; until: number } | null = null;
const listeners = new Set<() => void>();

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export function currentSession(): Session {
  return session;
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The access token, or null if there is none or it is about to expire. */
export function accessToken(now = Date.now()): string | null {
  return token && token.until > now + MARGIN_MS ? token.text : null;
}

/** True if a refresh might return a token. */
export function mayRefresh(): boolean {
  return session.status === 'signed-in' || (session.status === 'unknown' && hint.read());
}

/** Stores the answer of a login or refresh. */
export function admit(answer: SignedIn, now = Date.now()): void {
  token = { text: answer.access_token, until: now + answer.expires_in * 1_000 };
  hint.write(true);
  change({ status: 'signed-in', user: answer.user });
}

/** Updates the signed-in user after an edit of the profile. */
export function renew(user: Person): void {
  if (session.status === 'signed-in') change({ status: 'signed-in', user: { ...session.user, ...user } });
}

/** Ends the session on this page. */
export function dismiss(ended: boolean): void {
  token = null;
  hint.write(false);
  change({ status: 'guest', ended });
}

const hint = {
  read(): boolean {
    try {
      return localStorage.getItem(HINT) !== null;
    } catch {
      return true;
    }
  },
  write(signedIn: boolean): void {
    try {
      if (signedIn) localStorage.setItem(HINT, '1');
      else localStorage.removeItem(HINT);
    } catch {
      // Storage is off: the next page makes one refresh request that fails.
    }
  },
};
