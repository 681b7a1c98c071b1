/** The signed-in user. The access token is kept in memory only, the refresh token in a cookie hidden from scripts. */

import { forgetKept } from './kept';
import type { Person, SignedIn } from '../types';

/** `unknown` until the first refresh is answered; `ended` if a signed-in session has expired or was revoked. */
export type Session =
  { status: 'unknown' } | { status: 'guest'; ended: boolean } | { status: 'signed-in'; user: Person };

/** Id of the account whose refresh cookie may exist. Without it the page makes no refresh request. */
const HINT = 'ticketshow.signed-in';
/** Name and role of that account, for pages without a network. */
const PERSON = 'ticketshow.person';
/** A token that expires within this many milliseconds is no longer used. */
const MARGIN_MS = 15_000;

let session: Session = { status: 'unknown' };
let token: { text: string; until: number } | null = null;
const listeners = new Set<() => void>();

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/** The id of the signed-in account, or null. */
export function currentUser(): string | null {
  return session.status === 'signed-in' ? session.user.user_id : null;
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
  return session.status === 'signed-in' || (session.status === 'unknown' && hint.read() !== null);
}

/** Stores the answer of a login or refresh. */
export function admit(answer: SignedIn, now = Date.now()): void {
  if (hint.read() !== answer.user.user_id) forgetKept();
  person.write(answer.user);
  token = { text: answer.access_token, until: now + answer.expires_in * 1_000 };
  hint.write(answer.user.user_id);
  change({ status: 'signed-in', user: answer.user });
}

/** Goes on as the person who was signed in last, without a token, because the API cannot be reached. False if there is none. */
export function admitKept(): boolean {
  const user = person.read();
  if (user === null || user.user_id !== hint.read()) return false;
  change({ status: 'signed-in', user });
  return true;
}

/** Updates the signed-in user after an edit of the profile. */
export function renew(user: Person): void {
  if (session.status === 'signed-in') change({ status: 'signed-in', user: { ...session.user, ...user } });
}

/** Ends the session on this page. */
export function dismiss(ended: boolean): void {
  token = null;
  hint.write(null);
  person.write(null);
  forgetKept();
  change({ status: 'guest', ended });
}

/** Forgets the token, because the refresh cookie belongs to another session now. */
export function dropToken(): void {
  token = null;
}

/**
 * Calls `onOther` with the account that another tab has signed in or, with null, out, if it is not the one of this tab.
 * All tabs share one refresh cookie, so a tab that stays with its account would act for another one at its next refresh.
 */
export function watchOtherTabs(onOther: (user: string | null) => void): void {
  window.addEventListener('storage', ({ key, newValue }) => {
    // The key is null if the whole storage was cleared.
    if (key !== HINT && key !== null) return;
    const user = key === null ? hint.read() : newValue;
    if (user !== currentUser()) onOther(user);
  });
}

const hint = {
  read(): string | null {
    try {
      return localStorage.getItem(HINT);
    } catch {
      return 'unknown';
    }
  },
  write(user: string | null): void {
    try {
      if (user) localStorage.setItem(HINT, user);
      else localStorage.removeItem(HINT);
    } catch {
      // Storage is off: the next page makes one refresh request that fails.
    }
  },
};

const person = {
  read(): Person | null {
    try {
      return JSON.parse(localStorage.getItem(PERSON) ?? 'null') as Person | null;
    } catch {
      return null;
    }
  },
  write(user: Person | null): void {
    try {
      if (user) localStorage.setItem(PERSON, JSON.stringify({ ...user, email: '' }));
      else localStorage.removeItem(PERSON);
    } catch {
      // Storage is off: without a network the page is a guest's.
    }
  },
};
