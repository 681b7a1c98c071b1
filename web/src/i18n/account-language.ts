/** The language of mails and printed tickets, which the account keeps. */

import { command } from '../api/client';
import { currentSession, onSessionChange } from '../api/session/session';
import { languageTag } from './language';

/** Stores the reader's language in an account that has none. One without any is written to in English. */
export function keepLanguageOfAccounts(): void {
  let kept: string | null = null;
  onSessionChange(() => {
    const session = currentSession();
    if (session.status !== 'signed-in' || session.user.language || languageTag() === 'en') return;
    if (kept === session.user.user_id) return;
    kept = session.user.user_id;
    void command('PATCH', '/me', { body: { language: languageTag() } }).catch(() => undefined);
  });
}
