/** Reports the check-ins that were made without a network. */

import type { Admission } from '../api/types';
import { placeOf, type Pending } from './guests';
import type { DoorStore } from './store';

/** Sends one report, and returns its answers. */
export type Send = (pending: readonly Pending[]) => Promise<readonly Admission[]>;

/**
 * Reports what waits, at most `max` at a time, in the order in which guests came in. What is admitted leaves the queue,
 * what is not becomes a conflict; what was not answered stays. Returns the number of reported check-ins.
 */
export async function report(store: DoorStore, screening: string, max: number, send: Send): Promise<number> {
  const waiting = (await store.pending(screening)).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  let reported = 0;
  for (let from = 0; from < waiting.length; from += max) {
    const batch = waiting.slice(from, from + max);
    const answers = new Map((await send(batch)).map((answer) => [nameOf(answer), answer]));
    for (const pending of batch) {
      const answer = answers.get(nameOf(pending));
      if (!answer) continue;
      const { outcome, used } = answer;
      if (outcome === 'done') await store.settle(pending);
      else await store.dispute({ ...pending, outcome, ...(used && { used }) });
      reported += 1;
    }
  }
  return reported;
}

function nameOf(one: { id: string; booking_id?: string | null; seat?: string | null }): string {
  return `${one.id} ${placeOf({ booking_id: one.booking_id ?? '', seat: one.seat ?? '' })}`;
}
