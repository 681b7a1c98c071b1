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
  'GET /admin/audit': 'Read the security log',
  'POST /admin/accounts': 'Opened an account',
  'PUT /admin/accounts/{user_id}/role': 'Changed a role',
  'PUT /admin/accounts/{user_id}/state': 'Disabled or enabled an account',
  'DELETE /admin/accounts/{user_id}/sessions': 'Signed a person out everywhere',
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
  'POST /screenings/{id}/door/check-ins': 'Reported check-ins made without a network',
  'POST /box-office/sales': 'Sold at the counter',
  'POST /box-office/refunds': 'Paid a refund out',
  'POST /box-office/tills': 'Opened a till',
  'POST /box-office/tills/{id}/closing': 'Closed a till',
  'POST /screenings/{id}/blocks': 'Kept seats back',
  'DELETE /screenings/{id}/blocks/{block_id}': 'Put house seats on sale',
  'POST /bookings/{id}/cancellation': 'Gave seats back',
  'POST /bookings/{id}/move': 'Moved a booking',
};

/** The other acts of staff and administrators. */
const OTHER_ACTS: Readonly<Record<string, string>> = {
  'GET /admin/accounts': 'Looked at people',
  'GET /admin/accounts/{user_id}': 'Looked at a person',
  'GET /box-office/refunds': 'Looked at refunds of the counter',
  'GET /box-office/tills': 'Looked at tills',
  'GET /box-office/tills/{id}': 'Looked at a till',
  'GET /screenings/{id}/blocks': 'Looked at house seats',
  'GET /screenings/{id}/door': 'Fetched the list of a door',
  'GET /venues/{id}/day-sheet': 'Looked at a day sheet',
  'POST /bookings/{id}/notes': 'Wrote a note',
  'POST /screenings/{id}/messages': 'Wrote to the customers of a screening',
  'PATCH /screenings/{id}': 'Changed a screening',
  'POST /venues/{id}/schedule/copies': 'Copied a schedule',
  'GET /admin/bookings': 'Looked at bookings',
  'GET /admin/credits': 'Looked at credits',
  'GET /admin/cascades': 'Looked at cancellations',
  'GET /admin/cascades/{id}': 'Looked at a cancellation',
  'POST /admin/cascades/preview': 'Previewed a cancellation',
  'POST /admin/cascades/{id}/retry': 'Tried a cancellation again',
  'GET /admin/history/{aggregate}/{id}': 'Looked at a history',
  'GET /admin/mails': 'Looked at mails',
  'POST /admin/mails/{id}/resend': 'Sent a mail again',
  'GET /admin/parked': 'Looked at parked messages',
  'POST /admin/parked/{id}/retry': 'Tried a parked message again',
  'DELETE /admin/parked/{id}': 'Dropped a parked message',
  'GET /admin/payments': 'Looked at payments',
  'GET /admin/screenings/{id}/seats': 'Looked at seats of the past',
  'GET /admin/projections': 'Looked at the system',
  'POST /admin/projections/{name}/rebuild': 'Started a rebuild',
  'GET /admin/reconciliation': 'Looked at reconciliation',
  'GET /admin/refunds': 'Looked at refunds',
  'GET /admin/invoices': 'Looked at invoices',
  'GET /promotions': 'Looked at promotions',
  'POST /promotions': 'Made a promotion',
  'PATCH /promotions/{id}': 'Changed a promotion',
  'GET /admin/sales': 'Looked at sales',
  'GET /admin/screenings/{id}/holders': 'Looked at who holds seats',
  'GET /admin/streams': 'Looked at storage',
  'GET /screenings/{id}/check-ins': 'Looked at check-ins',
  'GET /screenings/{id}/guests': 'Looked at a guest list',
  'POST /shows': 'Added a show',
  'PATCH /shows/{id}': 'Changed a show',
  'PUT /shows/{id}/poster': 'Changed a poster',
  'POST /venues': 'Added a venue',
  'PATCH /venues/{id}': 'Changed a venue',
  'POST /venues/{id}/reactivation': 'Opened a venue again',
  'POST /venues/{id}/screens': 'Added a screen',
  'PATCH /screens/{id}': 'Changed a screen',
  'DELETE /screens/{id}': 'Retired a screen',
  'POST /screens/{id}/reactivation': 'Brought a screen back into use',
  'POST /screenings': 'Scheduled a screening',
  'GET /shows/{id}/overlaps': 'Looked at what a longer show runs into',
  'GET /venues/{id}/price-templates': 'Looked at price templates',
  'POST /venues/{id}/price-templates': 'Added a price template',
  'PUT /venues/{id}/price-templates/{template_id}': 'Changed a price template',
  'DELETE /venues/{id}/price-templates/{template_id}': 'Removed a price template',
  'GET /venues/{id}/drafts': 'Looked at drafts',
  'PUT /screens/{id}/drafts/{draft_id}': 'Changed a draft',
  'DELETE /screens/{id}/drafts/{draft_id}': 'Deleted a draft',
  'POST /screens/{id}/drafts/{draft_id}/publication': 'Published a draft',
  'POST /venues/{id}/schedule/publications': 'Published drafts of a venue',
};

/** An act in words; method and route of a refused call that is no act of the house. */
export function actionName(action: string): string {
  const route = action.replace('/api/v1', '');
  return ACTS[route] ?? OTHER_ACTS[route] ?? route;
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
