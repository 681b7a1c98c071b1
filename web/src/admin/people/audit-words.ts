/** Words and bounds of the security log. Pure. */

import { dayAfter, dayIn, localMoment } from '../../design/format';
import { w } from '../../i18n/work/texts';

/** An act in words; method and route of a refused call that is no act of the house. */
export function actionName(action: string): string {
  const route = action.replace('/api/v1', '');
  const acts: Record<string, string> = { ...w.audit.acts, ...w.audit.otherActs };
  return acts[route] ?? route;
}

/** `done` → `Done`, `bad-credentials` → `Bad credentials`. */
export function outcomeName(outcome: string): string {
  const known = w.audit.outcomes[outcome];
  if (known) return known;
  const words = outcome.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Moments of the first and after the last of the chosen days, in the reader's time zone; empty days are open ends. */
export function dayBounds(
  from: string,
  to: string,
  timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone,
): { from: string | null; to: string | null } {
  return {
    from: dayIn(from) ? localMoment(from, '00:00', timeZone) : null,
    to: dayIn(to) ? localMoment(dayAfter(to, 1), '00:00', timeZone) : null,
  };
}
