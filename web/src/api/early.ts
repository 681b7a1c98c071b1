/** Answers to what `public/start.js` has asked for before the app was loaded. Each is taken once. */

interface Early {
  sent: number;
  received?: number;
  answer: Promise<Response>;
}

declare global {
  interface Window {
    ticketshowEarly?: Map<string, Early>;
  }
}

/** An answer is taken for this long after its request; what is read later is asked for again. */
const FRESH_MS = 20_000;

export interface EarlyAnswer {
  response: Response;
  sent: number;
  received: number;
}

/** True if `url` was asked for early, and nobody has taken the answer. */
export function wasAskedEarly(url: string): boolean {
  return typeof window !== 'undefined' && window.ticketshowEarly?.has(url) === true;
}

/** The early answer for `url`, or null if there is none or it failed. */
export async function takeEarly(url: string, now = Date.now()): Promise<EarlyAnswer | null> {
  const all = typeof window === 'undefined' ? undefined : window.ticketshowEarly;
  const early = all?.get(url);
  all?.delete(url);
  if (!early || now - early.sent > FRESH_MS) return null;
  try {
    const response = await early.answer;
    return { response, sent: early.sent, received: early.received ?? Date.now() };
  } catch {
    return null;
  }
}
