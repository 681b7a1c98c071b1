/** Signing in and out, and who is signed in, for components. */

import { useSyncExternalStore } from 'react';

import { command, refresh } from './client';
import { queryClient } from './queries';
import { admit, currentSession, dismiss, mayRefresh, onSessionChange, type Session } from './session';
import type { Person } from './types';

export function useSession(): Session {
  return useSyncExternalStore(onSessionChange, currentSession);
}

/** The caller, or null for a guest and while nobody knows yet. */
export function useUser(): Person | null {
  const session = useSession();
  return session.status === 'signed-in' ? session.user : null;
}

/** Finds out at the start whether somebody is signed in. */
export async function resume(): Promise<void> {
  if (!mayRefresh()) {
    dismiss(false);
    return;
  }
  try {
    await refresh();
  } catch {
    // The API is away: a guest's page shows as much as there is, and the next call asks again.
    if (currentSession().status === 'unknown') dismiss(false);
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  admit(await command('POST', '/auth/login', { body: { email, password } }));
  // What a guest saw may look different to a customer; what another person saw must not stay.
  void queryClient.invalidateQueries();
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
    queryClient.clear();
  }
}
