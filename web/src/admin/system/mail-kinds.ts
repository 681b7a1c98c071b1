import { w } from '../../i18n/work/texts';

/** What a mail was about, in words. */
export function mailKind(kind: string): string {
  const known: Record<string, string> = w.mails.kinds;
  return known[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('_', ' ');
}
