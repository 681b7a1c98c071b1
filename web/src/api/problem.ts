/** Failed calls: the API's problem documents (RFC 9457) and their texts for the reader. */

import { when } from '../design/format';
import { listed } from '../i18n/language';

/** One invalid value of a body. */
export interface Flaw {
  /** JSON pointer (RFC 6901). */
  pointer: string;
  message: string;
}

/** A call that failed. Code branches on `slug`; `message` is shown to the reader. */
export class Problem extends Error {
  readonly status: number;
  readonly slug: string;
  readonly detail: string | null;
  readonly errors: Flaw[];
  /** Extra members of the document, such as `seats` of `seat-taken`. */
  readonly members: Record<string, unknown>;
  /** Seconds to wait before a retry. */
  readonly retryAfter: number | null;

  constructor(status: number, slug: string, document: Record<string, unknown> = {}, retryAfter: number | null = null) {
    const detail = typeof document.detail === 'string' ? document.detail : null;
    const title = typeof document.title === 'string' ? document.title : null;
    super(inWords(status, slug, title, detail, document));
    this.name = 'Problem';
    this.status = status;
    this.slug = slug;
    this.detail = detail;
    this.errors = Array.isArray(document.errors) ? (document.errors as Flaw[]) : [];
    this.members = document;
    this.retryAfter = retryAfter;
  }

  /** The API did not answer at all. */
  static unreachable(): Problem {
    return new Problem(0, navigator.onLine ? 'unreachable' : 'offline');
  }

  /** Reads an answer that is not a success. */
  static async of(response: Response): Promise<Problem> {
    const retry = Number(response.headers.get('Retry-After'));
    const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : null;
    const json = response.headers.get('Content-Type')?.includes('json') ?? false;
    const document = json ? ((await response.json().catch(() => ({}))) as Record<string, unknown>) : {};
    const slug = typeof document.type === 'string' ? document.type.split('/').pop() : undefined;
    return new Problem(response.status, slug ?? `http-${String(response.status)}`, document, retryAfter);
  }

  /** True for an outage or a rate limit: the same call may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** True if this installation does not offer the route. */
  get notOffered(): boolean {
    return (this.status === 404 && this.slug === 'http-404') || this.status === 405 || this.status === 501;
  }

  /** Error of the field at `pointer`, or of a field below it. */
  flaw(pointer: string): string | undefined {
    const found = this.errors.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`));
    return found && sentence(found.message);
  }
}

/** What people read about a problem, by its slug; `undefined` for those that describe themselves. */
export function inPlainWords(slug: string): string | undefined {
  return PLAIN[slug];
}

const PLAIN: Record<string, string> = {
  offline: 'You are offline. Everything here waits until the connection is back.',
  unreachable: 'The site cannot be reached right now. Please try again in a moment.',
  unauthorized: 'Please sign in to continue.',
  'session-ended': 'You were signed out. Please sign in again.',
  'other-account': 'Another account was signed in in another tab. Nothing was done; please check and try again.',
  'unreadable-answer': 'The answer was cut off on its way. Please try again.',
  'bad-credentials': 'No account has this e-mail and password. Check both and try again.',
  'account-disabled': 'This account is disabled. Please ask the theatre.',
  'second-factor-needed': 'Enter the code from your authenticator app.',
  'second-factor-missing': 'Turn on two-step sign-in in your profile first.',
  'second-factor-set': 'Two-step sign-in is on already. Turn it off first, to set it up again.',
  'confirmation-needed': 'Please confirm that it is you, and try again.',
  'own-account': 'This is your own account. Another administrator has to do this.',
  'open-bookings': 'You have paid bookings for screenings to come. Cancel them first, or wait until they are over.',
  'too-many-requests': 'That was a little too fast. Wait a moment, then try again.',
  'too-many-checkouts': 'Too many of your payments are open. Complete or cancel one of them first.',
  forbidden: 'Your account is not allowed to do this.',
  'foreign-origin': 'This page was opened from an address that the service does not accept.',
  'not-found': 'We could not find this. It may have been removed, or it belongs to someone else.',
  'seat-taken': 'These seats were just taken.',
  'booking-closed': 'Booking has closed: the screening has started.',
  'screening-cancelled': 'This screening was cancelled.',
  'show-cancelled': 'This show was cancelled.',
  'venue-inactive': 'This venue is closed at the moment.',
  'too-many-holds': 'You hold as many seats as one person may. Pay for them or release them first.',
  'too-many-shares': 'Many links to these tickets were made. End some of them first.',
  'hold-expired': 'The time to pay has run out, and your seats are free again.',
  'already-paid': 'This booking is paid already.',
  'booking-cancelled': 'This booking was cancelled.',
  'payment-in-progress': 'A payment for this booking is under way. Give it a moment.',
  'payment-declined': 'The card was declined. Nothing was charged; try another card or your wallet.',
  'insufficient-funds': 'Your wallet does not hold enough for this.',
  'payment-provider-unavailable':
    'Card payments are not available right now. You can pay from your wallet, or try again.',
  'too-late-to-cancel': 'It is too late to cancel this booking.',
  'cancellation-not-offered': 'Paid bookings cannot be cancelled online here.',
  'checked-in': 'A ticket of this booking was used already, so it cannot be cancelled.',
  'already-used': 'This ticket was used already.',
  'other-screening': 'This ticket is for another screening.',
  'too-early': 'It is too early: check-in has not opened yet.',
  'too-late': 'The screening is over.',
  void: 'This ticket is void: its booking was cancelled.',
  'screen-busy': 'The screen is taken at that time.',
  'no-such-time': 'The clocks are set forward over this time.',
  'outside-opening-hours': 'The venue is closed at that time.',
  'in-the-past': 'That time is in the past.',
  'price-missing': 'Every category needs a price.',
  'no-open-till': 'Cash needs an open till.',
  'till-open': 'Your till is open already.',
  'wrong-currency': 'Another currency is used here.',
  'idempotency-key-reused': 'This was sent before with other values. Reload the page and try again.',
  'read-model-behind': 'The page is catching up. Try again in a moment.',
  'log-diverged': 'Booking is closed for repairs. Browsing still works.',
  'too-large': 'This file is too large.',
  'poster-store-unavailable': 'Pictures cannot be saved right now. Everything else works; try again later.',
  'unsupported-media-type': 'This kind of file cannot be used here.',
};

function inWords(
  status: number,
  slug: string,
  title: string | null,
  detail: string | null,
  document: Record<string, unknown>,
): string {
  if (slug === 'seat-taken' && Array.isArray(document.seats)) {
    const seats = document.seats.map(String);
    return seats.length === 1 ? `Seat ${seats.join()} was just taken.` : `Seats ${listed(seats)} were just taken.`;
  }
  if (slug === 'cooling-down' && typeof document.until === 'string') {
    return `You let several holds lapse, so you can hold seats again from ${when(document.until, 'time')}.`;
  }
  if (slug === 'seat-count' && typeof document.max === 'number') {
    return `Choose between 1 and ${String(document.max)} seats.`;
  }
  if (slug === 'invalid' && Array.isArray(document.errors)) {
    const errors = document.errors as Flaw[];
    return errors
      .map((error) => sentence(error.pointer === '' ? error.message : `${fieldName(error.pointer)} ${error.message}`))
      .join(' ');
  }
  const plain = PLAIN[slug];
  if (plain) return plain;
  if (status === 429) return 'That was a little too fast. Wait a moment, then try again.';
  if (status >= 500) return 'Something is not working on our side. Please try again in a moment.';
  if (detail) return sentence(detail);
  return title ? sentence(title) : 'This did not work. Please try again.';
}

/** Fields whose names readers would not know. */
const FIELDS: Record<string, string> = { otp: 'this code', token: 'this link', email: 'e-mail address' };

/** `/layout/rows/0/label` → `Label`. */
function fieldName(pointer: string): string {
  const names = pointer.split('/').filter((part) => part && !/^\d+$/.test(part));
  const name = names.at(-1) ?? 'value';
  return FIELDS[name] ?? name.replaceAll('_', ' ');
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
