/** Who is signed in. The access token lives in memory only; the refresh token in a cookie that scripts cannot see. */

import type { Person, SignedIn } from './types';

/** `unknown` until the first refresh was answered; `ended` once somebody who was signed in no longer is. */
export type Session =
  { status: 'unknown' } | { status: 'guest'; ended: boolean } | { status: 'signed-in'; user: Person };

/** Says that a cookie may be there. Without it a guest's page asks for no refresh. */
const HINT = 'ticketshow.signed-in';
/** A token this close to its end, in milliseconds, is not used any more. */
const MARGIN_MS = 15_000;

let session: Session = { status: 'unknown' };
let token: { text: string; until: number } | null = null;
const listeners = new Set<() => void>();

function tell(next: Session): void {
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

/** The access token, if there is one that is still good. */
export function accessToken(now = Date.now()): string | null {
  return token && token.until > now + MARGIN_MS ? token.text : null;
}

/** Whether a refresh might give a token. */
export function mayRefresh(): boolean {
  return session.status === 'signed-in' || (session.status === 'unknown' && hint.read());
}

/** Takes in the answer of a login or refresh. */
export function admit(answer: SignedIn, now = Date.now()): void {
  token = { text: answer.access_token, until: now + answer.expires_in * 1_000 };
  hint.write(true);
  tell({ status: 'signed-in', user: answer.user });
}

/** Changes what is known of the caller, after an edit of the profile. */
export function renew(user: Person): void {
  if (session.status === 'signed-in') tell({ status: 'signed-in', user: { ...session.user, ...user } });
}

/** Nobody is signed in any more. */
export function dismiss(ended: boolean): void {
  token = null;
  hint.write(false);
  tell({ status: 'guest', ended });
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
      // Storage is off: the next page asks for a refresh in vain, and that is all.
    }
  },
};
