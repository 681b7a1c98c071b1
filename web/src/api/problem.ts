/** Failed calls: the API's problem documents (RFC 9457) and their texts for the reader. */

import { when } from '../design/format';
import { seatsListed } from '../seats/seat-names';
import { t } from '../i18n/texts';
import { isOnline } from './connection';

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
    return new Problem(0, isOnline() ? 'unreachable' : 'offline');
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

  /** True if nobody knows whether the call was carried out: its answer was lost, or the server failed over it. */
  get isUnsure(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** True if this installation does not offer the route. */
  get notOffered(): boolean {
    return (this.status === 404 && this.slug === 'http-404') || this.status === 405 || this.status === 501;
  }

  /** True if the message says that there is no network, but there is one by now. */
  isOutdated(online: boolean): boolean {
    return online && this.slug === 'offline';
  }

  /** Error of the field at `pointer`, or of a field below it. */
  flaw(pointer: string): string | undefined {
    const found = this.errors.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`));
    return found && flawInWords(found.message, found.message);
  }
}

/** What people read about a problem, by its slug; `undefined` for those that describe themselves. */
export function inPlainWords(slug: string): string | undefined {
  const texts: Record<string, string> = t.problems.bySlug;
  return texts[slug] ?? t.problems.ofWork[slug];
}

function inWords(
  status: number,
  slug: string,
  title: string | null,
  detail: string | null,
  document: Record<string, unknown>,
): string {
  if (slug === 'seat-taken' && Array.isArray(document.seats)) {
    const seats = document.seats.map(String);
    return t.problems.seatsTaken(seats.length, seatsListed(seats));
  }
  if (slug === 'seats-missing' && Array.isArray(document.seats)) {
    return t.problems.seatsMissing(seatsListed(document.seats.map(String)));
  }
  if (slug === 'seats-not-accessible' && Array.isArray(document.seats)) {
    return t.problems.seatsNotAccessible(seatsListed(document.seats.map(String)));
  }
  if (slug === 'kept-for-wheelchairs' && Array.isArray(document.seats)) {
    const seats = document.seats.map(String);
    return t.problems.keptForWheelchairs(seats.length, seatsListed(seats));
  }
  if (slug === 'screen-busy') {
    const taken = slotOf(document.screening);
    if (taken) return taken;
  }
  if (slug === 'cooling-down' && typeof document.until === 'string') {
    return t.problems.coolingDown(when(document.until, 'time'));
  }
  if (slug === 'seat-count' && typeof document.max === 'number') {
    return t.problems.seatCount(document.max);
  }
  if (slug === 'too-many-templates' && typeof document.max === 'number') {
    return t.problems.tooManyTemplates(document.max);
  }
  if (slug === 'too-many-drafts' && typeof document.max === 'number') {
    return t.problems.tooManyDrafts(document.max);
  }
  if (slug === 'invalid' && Array.isArray(document.errors)) {
    const errors = document.errors as Flaw[];
    return errors
      .map(({ pointer, message }) =>
        flawInWords(message, pointer === '' ? message : `${fieldName(pointer)} ${message}`),
      )
      .join(' ');
  }
  const plain = inPlainWords(slug);
  if (plain) return plain;
  if (status === 429) return t.problems.tooFast;
  if (status >= 500) return t.problems.ourSide;
  if (detail) return sentence(detail);
  return title ? sentence(title) : t.problems.notWorked;
}

/** What is on a screen at a time, with its times there. */
function slotOf(screening: unknown): string | null {
  const { show_title, starts_at, ends_at, timezone, draft } = (screening ?? {}) as Record<string, unknown>;
  if (typeof show_title !== 'string' || typeof starts_at !== 'string' || typeof ends_at !== 'string') return null;
  const zone = typeof timezone === 'string' ? timezone : undefined;
  return t.problems.screenBusy(show_title, when(starts_at, 'full', zone), when(ends_at, 'time', zone), draft === true);
}

/** What is wrong with a value: the API's words, where they are those of the reader's language. */
function flawInWords(message: string, english: string): string {
  const { flaws } = t.problems;
  return flaws[message] ?? flaws.other ?? sentence(english);
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
