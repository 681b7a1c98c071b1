import { t } from './texts';

/** Name of a ticket type. A house may have types of its own, which are shown as it wrote them. */
export function ticketType(type: string): string {
  const known = (t.ticketTypes as Record<string, string>)[type];
  const own = type.replaceAll(/[-_]/g, ' ');
  return known ?? own.charAt(0).toUpperCase() + own.slice(1);
}
