/** Keeps what one account has read from the next person at the same browser. */

import type { QueryClient } from '@tanstack/react-query';

import { currentSession, onSessionChange } from './session';

/**
 * Clears the cache of `client` whenever the account changes, and calls `onSwitch` with the new account's name if it
 * replaces another one. Queries of pages that are open ask the API again.
 */
export function clearForOtherAccounts(client: QueryClient, onSwitch: (name: string) => void): () => void {
  let before = currentSession();
  return onSessionChange(() => {
    const [last, session] = [before, currentSession()];
    before = session;
    const owner = last.status === 'signed-in' ? last.user.user_id : null;
    const next = session.status === 'signed-in' ? session.user : null;
    if (owner === (next?.user_id ?? null)) return;
    if (owner !== null) {
      void client.resetQueries();
      if (next) onSwitch(next.name);
    } else if (last.status === 'guest') {
      // The catalogue that a guest has read stays; only marks such as the reader's own seats differ.
      void client.invalidateQueries();
    }
  });
}
