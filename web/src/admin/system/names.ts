/** Names of the API in the reader's language. One that is newer than this page is shown as it is. */

import { w } from '../../i18n/work/texts';

/** In the middle of a sentence: what the API calls a booking, a screening and so on. */
export function aggregateName(aggregate: string): string {
  const known: Record<string, string> = w.aggregates;
  return (known[aggregate] ?? aggregate).toLowerCase();
}

/** The process to which a failed step belongs. */
export function processName(consumer: string): string {
  const known: Record<string, string> = w.system.processes;
  return known[consumer] ?? consumer;
}

/** A read model. */
export function listName(projection: string): string {
  const known: Record<string, string> = w.system.projections;
  return known[projection] ?? projection;
}
