/** The secret of a link in a mail. */

import type { Location } from 'react-router';

/**
 * The token of a link: `#token=…`, which browsers keep to themselves, or `?token=…` of mails sent by older versions.
 */
export function linkToken({ hash, search }: Pick<Location, 'hash' | 'search'>): string | null {
  return new URLSearchParams(hash.slice(1)).get('token') ?? new URLSearchParams(search).get('token');
}
