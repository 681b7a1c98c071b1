import { Moon, Sun, SunMoon } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';

import { chooseTheme, chosenTheme, type Theme } from './design/theme';

const THEMES: { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'system', label: 'Same as the system', icon: SunMoon },
  { theme: 'dark', label: 'Dark', icon: Moon },
];

export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <div role="group" aria-label="Appearance" className="inline-flex rounded-full bg-sunk p-1">
      {THEMES.map(({ theme: one, label, icon: Icon }) => (
        <button
          key={one}
          type="button"
          aria-pressed={theme === one}
          aria-label={label}
          title={label}
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
        <nav aria-label="Footer" className="flex flex-wrap gap-x-5 gap-y-2">
          <Link to="/shows" className="hover:text-ink">
            Shows
          </Link>
          <Link to="/venues" className="hover:text-ink">
            Venues
          </Link>
          <Link to="/bookings" className="hover:text-ink">
            My tickets
          </Link>
          <Link to="/wallet" className="hover:text-ink">
            Wallet
          </Link>
        </nav>
        <ThemeChoice />
      </div>
    </footer>
  );
}
