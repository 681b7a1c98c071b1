import { w } from '../../i18n/work/texts';

/** In the middle of a sentence: what the API calls a booking, a screening and so on, in the reader's language. */
export function aggregateName(aggregate: string): string {
  const known: Record<string, string> = w.aggregates;
  return (known[aggregate] ?? aggregate).toLowerCase();
}
