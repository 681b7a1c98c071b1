/** Wheelchair places, and companion seats, that a house keeps for those who ask for them. Pure. */

import type { Screening } from '../../api/types';
import type { Plan } from '../map/plan';

/** The moment at which kept places go on sale to everybody, in milliseconds; null if they are not kept. */
export function keptUntil({ starts_at, wheelchair_minutes }: Pick<Screening, 'starts_at' | 'wheelchair_minutes'>) {
  return wheelchair_minutes == null ? null : Date.parse(starts_at) - wheelchair_minutes * 60_000;
}

/** Those of the seats that are wheelchair places, or for those who come along. */
export function keptAmong(plan: Plan, seats: readonly string[]): string[] {
  return seats.filter((name) => {
    const place = plan.byName.get(name);
    return place !== undefined && (place.accessible || place.companion);
  });
}

/** True if one of the seats is a wheelchair place. */
export function hasPlace(plan: Plan, seats: readonly string[]): boolean {
  return seats.some((name) => plan.byName.get(name)?.accessible);
}

/** True if kept places are chosen that the customer cannot have: nobody asked, or nobody has a wheelchair place. */
export function isUnasked(plan: Plan, kept: readonly string[], asks: boolean): boolean {
  return kept.length > 0 && !(asks && hasPlace(plan, kept));
}
