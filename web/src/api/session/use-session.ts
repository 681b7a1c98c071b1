/** Signing in and out, and the current session, for components. */

import { useSyncExternalStore } from 'react';

import { say } from '../../design/toast';
import { t } from '../../i18n/texts';
import { command, refresh } from '../client';
import { clearForOtherAccounts } from './owner';
import { Problem } from '../problem';
import { queryClient } from '../queries';
import {
  admit,
  admitKept,
  currentSession,
  dismiss,
  dropToken,
  mayRefresh,
  onSessionChange,
  watchOtherTabs,
  type Session,
} from './session';
import type { Person } from '../types';

export function useSession(): Session {
  return useSyncExternalStore(onSessionChange, currentSession);
}

/** The signed-in user, or null for a guest and before the first refresh is answered. */
export function useUser(): Person | null {
  const session = useSession();
  return session.status === 'signed-in' ? session.user : null;
}

/** Follows the account of the other tabs. */
function followTabs(): void {
  watchOtherTabs((user) => {
    if (user === null) {
      dismiss(false);
      return;
    }
    dropToken();
    void refresh().catch(() => undefined);
  });
}

/** Restores the session when the app starts. */
export async function resume(): Promise<void> {
  clearForOtherAccounts(queryClient, (name) => {
    say(t.account.nowSignedIn(name));
  });
  followTabs();
  if (!mayRefresh()) {
    dismiss(false);
    return;
  }
  try {
    await refresh();
  } catch {
    // The API is unreachable: show what is kept, else the guest's page; the next call tries again.
    if (currentSession().status === 'unknown' && !admitKept()) dismiss(false);
  }
}

/** What proves who signs in: the password, or the code of a mail. */
export type Proof = { password: string } | { code: string };
/** The answer to the challenge of an account with a second factor. */
export type SecondFactor = { challenge: string } & ({ otp: string } | { recovery_code: string });

export async function signIn(email: string, proof: Proof, second?: SecondFactor): Promise<void> {
  const path = 'code' in proof ? '/auth/code/login' : '/auth/login';
  admit(await command('POST', path, { body: { email, ...proof, ...second } }));
}

/** The challenge of a sign-in that lacks the second factor, or null. */
export function challengeOf(problem: unknown): string | null {
  if (!(problem instanceof Problem) || problem.slug !== 'second-factor-needed') return null;
  const { challenge } = problem.members;
  return typeof challenge === 'string' ? challenge : null;
}

export async function signOut(): Promise<void> {
  try {
    await command('POST', '/auth/logout');
  } finally {
    dismiss(false);
  }
}
