/** Words and bounds of the security log. Pure. */

import { dayAfter, dayIn, localMoment } from '../../design/format';

/** The acts that are looked for most, by method and route. */
export const ACTS: Readonly<Record<string, string>> = {
  'POST /auth/login': 'Signed in',
  'POST /auth/code/login': 'Signed in with a code',
  'POST /auth/logout': 'Signed out',
  'POST /auth/register': 'Asked for an account',
  'POST /auth/verify': 'Confirmed an address',
  'POST /auth/code': 'Asked for a code',
  'POST /auth/forgotten': 'Asked for a new password',
  'POST /auth/reset': 'Set a new password by mail',
  'POST /auth/password': 'Changed the password',
  'POST /auth/confirm': 'Confirmed a protected step',
  'POST /me/second-factor': 'Began to set up two-step sign-in',
  'POST /me/second-factor/confirm': 'Turned two-step sign-in on',
  'DELETE /me/second-factor': 'Turned two-step sign-in off',
  'GET /me/export': 'Downloaded their data',
  'DELETE /me': 'Deleted their account',
  'GET /admin/audit': 'Read the security log',
  'POST /admin/accounts': 'Opened an account',
  'PUT /admin/accounts/{user_id}/role': 'Changed a role',
  'PUT /admin/accounts/{user_id}/state': 'Disabled or enabled an account',
  'DELETE /admin/accounts/{user_id}/sessions': 'Signed somebody out everywhere',
  'POST /admin/wallets/{user_id}/credits': 'Credited a wallet',
  'POST /admin/wallets/{user_id}/credits/{credit_id}/approval': 'Approved a credit',
  'POST /admin/payments/{id}/decision': 'Decided on a payment',
  'POST /admin/refunds/{id}/retry': 'Tried a refund again',
  'POST /admin/refunds/{id}/to-wallet': 'Refunded to the wallet',
  'DELETE /shows/{id}': 'Cancelled a show',
  'DELETE /venues/{id}': 'Closed a venue',
  'DELETE /screenings/{id}': 'Cancelled a screening',
  'POST /admin/screenings/{id}/holders/{user_id}/release': 'Released unpaid seats',
  'POST /check-ins': 'Checked a ticket in',
  'DELETE /check-ins/{id}': 'Undid a check-in',
};

/** An act in words; method and route of one that has none. */
export function actionName(action: string): string {
  const route = action.replace('/api/v1', '');
  return ACTS[route] ?? route;
}

/** `done` → `Done`, `bad-credentials` → `Bad credentials`. */
export function outcomeName(outcome: string): string {
  const words = outcome.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Moments of the first and after the last of the chosen days, in the reader's time zone; empty days are open ends. */
export function dayBounds(
  from: string,
  to: string,
  timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone,
): { from: string | null; to: string | null } {
  return {
    from: dayIn(from) ? localMoment(from, '00:00', timeZone) : null,
    to: dayIn(to) ? localMoment(dayAfter(to, 1), '00:00', timeZone) : null,
  };
}
