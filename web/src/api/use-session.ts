/** Signing in and out, and the current session, for components. */

import { useSyncExternalStore } from 'react';

import { say } from '../design/toast';
import { command, refresh } from './client';
import { clearForOtherAccounts } from './owner';
import { queryClient } from './queries';
import {
  admit,
  currentSession,
  dismiss,
  dropToken,
  mayRefresh,
  onSessionChange,
  watchOtherTabs,
  type Session,
} from './session';
import type { Person } from './types';

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
    say(`You are signed in as ${name} now.`);
  });
  followTabs();
  if (!mayRefresh()) {
    dismiss(false);
    return;
  }
  try {
    await refresh();
  } catch {
    // The API is unreachable: show the guest's page; the next call tries again.
    if (currentSession().status === 'unknown') dismiss(false);
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  admit(await command('POST', '/auth/login', { body: { email, password } }));
}

export async function register(
  person: { email: string; password: string; name: string; city?: string },
  key: string,
): Promise<void> {
  await command('POST', '/auth/register', { body: person, key });
  await signIn(person.email, person.password);
}

export async function signOut(): Promise<void> {
  try {
    await command('POST', '/auth/logout');
  } finally {
    dismiss(false);
  }
}
