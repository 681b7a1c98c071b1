/** Failed mails that the administrator at this browser has dealt with. Nothing can be done about many of them. */

const KEY = 'ticketshow.seen-mails';
/** As many as the dashboard reads. */
const KEPT_MAX = 100;

export function seenMails(): ReadonlySet<string> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return new Set(Array.isArray(stored) ? stored.filter((id): id is string => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}

/** Adds mails to those that are seen, and returns them all. */
export function rememberSeenMails(mails: readonly string[]): ReadonlySet<string> {
  const all = new Set([...seenMails(), ...mails]);
  try {
    localStorage.setItem(KEY, JSON.stringify([...all].slice(-KEPT_MAX)));
  } catch {
    // Without storage they stay hidden until the page is left.
  }
  return all;
}
