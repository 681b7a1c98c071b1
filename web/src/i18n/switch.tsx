import { Languages } from 'lucide-react';

import { command } from '../api/client';
import { useUser } from '../api/session/use-session';
import { chooseLanguage, LANGUAGES, languageTag, type LanguageTag } from './language';
import { t } from './texts';

/** Choice of the language. Each is named in itself, for readers who do not know the present one. */
export function LanguageChoice() {
  const user = useUser();
  const choose = async (tag: LanguageTag) => {
    // Mails and printed tickets follow. The page changes its language even if the account cannot be reached.
    if (user) await command('PATCH', '/me', { body: { language: tag } }).catch(() => undefined);
    chooseLanguage(tag);
  };
  return (
    <label className="relative inline-flex items-center">
      <span className="sr-only">{t.frame.language}</span>
      <Languages size={17} className="pointer-events-none absolute start-3 text-soft" aria-hidden />
      <select
        value={languageTag()}
        onChange={(event) => {
          void choose(event.target.value as LanguageTag);
        }}
        className="h-11 rounded-full bg-sunk ps-9 font-semibold text-ink hover:bg-line"
      >
        {Object.entries(LANGUAGES).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
