import { readable } from './readable';
import { t } from './texts';

/** Name of a ticket type. A house may have types of its own, which are shown as it wrote them. */
export function ticketType(type: string): string {
  const names: Record<string, string> = t.ticketTypes;
  return Object.hasOwn(names, type) ? (names[type] ?? type) : readable(type);
}
