import { readable } from './readable';
import { t } from './texts';

/** Name of a ticket type. A house may have types of its own, which are shown as it wrote them. */
export function ticketType(type: string): string {
  return (t.ticketTypes as Record<string, string>)[type] ?? readable(type);
}
