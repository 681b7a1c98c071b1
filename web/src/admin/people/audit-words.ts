/** Words and bounds of the security log. Pure. */

import { dayAfter, dayIn, localMoment } from '../../design/format';

/** `sign-in-failed` or `sign_in_failed` → `Sign in failed`. */
export function actionName(action: string): string {
  const words = action.replaceAll(/[-_.]+/g, ' ').trim();
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
