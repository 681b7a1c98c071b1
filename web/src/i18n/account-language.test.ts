import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { admit, dismiss } from '../api/session/session';
import type { SignedIn } from '../api/types';
import { keepLanguageOfAccounts } from './account-language';

const person = (user_id: string, language?: 'en' | 'hi'): SignedIn => ({
  access_token: 'first',
  token_type: 'Bearer',
  expires_in: 600,
  user: { user_id, email: 'ada@example.org', name: 'Ada', role: 'customer', ...(language && { language }) },
});

let sent: { method: string | undefined; body: unknown; language: string | null }[] = [];
let lang = 'en';

beforeEach(() => {
  sent = [];
  dismiss(false);
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('document', {
    documentElement: {
      get lang() {
        return lang;
      },
    },
  });
  vi.stubGlobal('fetch', (_url: string, { method, body, headers }: RequestInit) => {
    sent.push({ method, body, language: new Headers(headers).get('Accept-Language') });
    return Promise.resolve(new Response('{}', { status: 200 }));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it('an account without a language gets that of its reader, once', async () => {
  keepLanguageOfAccounts();
  lang = 'hi';
  admit(person('1'));
  admit(person('1'));
  admit(person('2', 'en'));
  lang = 'en';
  admit(person('3'));
  await vi.waitFor(() => {
    expect(sent).toEqual([{ method: 'PATCH', body: '{"language":"hi"}', language: 'hi' }]);
  });
});
