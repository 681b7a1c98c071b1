import { Moon, Sun, SunMoon } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';

import { chooseTheme, chosenTheme, type Theme } from './design/theme';
import { LanguageChoice } from './i18n/switch';
import { t } from './i18n/texts';

const THEMES: { theme: Theme; icon: typeof Sun }[] = [
  { theme: 'light', icon: Sun },
  { theme: 'system', icon: SunMoon },
  { theme: 'dark', icon: Moon },
];

export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <div role="group" aria-label={t.frame.appearance} className="inline-flex rounded-full bg-sunk p-1">
      {THEMES.map(({ theme: one, icon: Icon }) => (
        <button
          key={one}
          type="button"
          aria-pressed={theme === one}
          aria-label={t.frame.themes[one]}
          title={t.frame.themes[one]}
          onClick={() => {
            chooseTheme(one);
            setTheme(one);
          }}
          className={`grid size-9 place-items-center rounded-full transition-colors ${
            theme === one ? 'bg-card text-ink shadow-card' : 'text-soft hover:text-ink'
          }`}
        >
          <Icon size={17} aria-hidden />
        </button>
      ))}
    </div>
  );
}

export function Footer() {
  return (
    <footer className="print:hidden border-t border-line pb-24 md:pb-0">
      <div className="page flex flex-wrap items-center justify-between gap-x-8 gap-y-4 py-6 text-sm text-soft">
        <nav aria-label={t.frame.footer} className="flex flex-wrap gap-x-5 gap-y-2">
          <Link to="/shows" className="hover:text-ink">
            {t.frame.shows}
          </Link>
          <Link to="/venues" className="hover:text-ink">
            {t.frame.venues}
          </Link>
          <Link to="/bookings" className="hover:text-ink">
            {t.frame.myTickets}
          </Link>
          <Link to="/wallet" className="hover:text-ink">
            {t.frame.wallet}
          </Link>
        </nav>
        <div className="flex flex-wrap items-center gap-3">
          <LanguageChoice />
          <ThemeChoice />
        </div>
      </div>
    </footer>
  );
}
