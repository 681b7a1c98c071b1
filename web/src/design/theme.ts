/** Light, dark or system theme. `public/start.js` applies it before the first paint; this module changes it later. */

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'ticketshow.theme';
const system = () => window.matchMedia('(prefers-color-scheme: dark)');

export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}

export function chooseTheme(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  apply(theme);
}

function apply(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'system' && system().matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

/** Follows the system theme until the user chooses one. */
export function followSystem(): void {
  system().addEventListener('change', () => {
    apply(chosenTheme());
  });
}
