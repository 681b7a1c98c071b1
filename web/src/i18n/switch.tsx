import { Languages } from 'lucide-react';

import { chooseLanguage, LANGUAGES, languageTag, type LanguageTag } from './language';
import { t } from './texts';

/** Choice of the language. Each is named in itself, for readers who do not know the present one. */
export function LanguageChoice() {
  return (
    <label className="relative inline-flex items-center">
      <span className="sr-only">{t.frame.language}</span>
      <Languages size={17} className="pointer-events-none absolute start-3 text-soft" aria-hidden />
      <select
        value={languageTag()}
        onChange={(event) => {
          chooseLanguage(event.target.value as LanguageTag);
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
