import { ArrowRight, Clapperboard, MapPin, Search, Theater } from 'lucide-react';
import { lazy, Suspense, useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useLocation, useNavigate } from 'react-router';

import { useSettled } from '../design/hooks';
import { t } from '../i18n/texts';
import { Marked } from './marked';
import type { Entry } from './suggestions';
import { useSuggestions } from './use-search';

// The search box is on every page, and most pages have no posters.
const Poster = lazy(() => import('../design/poster').then((file) => ({ default: file.Poster })));

/** Pause in typing before the API is asked, in milliseconds. */
const PAUSE_MS = 120;

/** The query of the results page, empty on other pages. */
function usePageQuery(): string {
  const { pathname, search } = useLocation();
  return pathname === '/search' ? (new URLSearchParams(search).get('q') ?? '') : '';
}

/** Search field for shows, venues and cities, with suggestions while typing. */
export function SearchBox({ autoFocus = false, onChosen }: { autoFocus?: boolean; onChosen?: () => void }) {
  const navigate = useNavigate();
  const list = useId();
  const asked = usePageQuery();
  const [known, setKnown] = useState(asked);
  const [text, setText] = useState(asked);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [typed, setTyped] = useState(false);
  if (known !== asked) {
    setKnown(asked);
    setText(asked);
  }
  const query = text.trim();
  const settled = useSettled(text, PAUSE_MS);
  const { entries, pending } = useSuggestions(typed ? settled : '');
  const shown = open && query !== '';
  const waiting = pending || settled !== text;
  const none = entries.length === 0;
  // The last choice is always the results page.
  const choices = none ? 0 : entries.length + 1;

  const go = (entry: Entry | undefined) => {
    if (!entry && query === '') return;
    void navigate(entry ? entry.to : `/search?q=${encodeURIComponent(query)}`);
    setOpen(false);
    setTyped(false);
    setText(entry ? '' : query);
    setAt(-1);
    onChosen?.();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      // One position more than there are choices: the field itself, where the cycle starts again.
      setAt((now) => (choices === 0 ? -1 : ((now + 1 + step + choices + 1) % (choices + 1)) - 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(entries[at]);
    } else if (event.key === 'Escape' && shown) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      setAt(-1);
    } else if (event.key === 'Tab') {
      setOpen(false);
    }
  };
  const option = (index: number) => ({ id: `${list}-${String(index)}`, chosen: index === at, onKeyDown: onKey });

  return (
    <div
      className="relative w-full"
      role="search"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <Search
        size={18}
        className="pointer-events-none absolute start-4 top-1/2 -translate-y-1/2 text-soft"
        aria-hidden
      />
      <input
        type="search"
        role="combobox"
        aria-label={t.search.label}
        aria-expanded={shown && !none}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown && at >= 0 ? `${list}-${String(at)}` : undefined}
        placeholder={t.search.placeholder}
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
        autoFocus={autoFocus}
        data-first={autoFocus || undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setTyped(true);
          setOpen(true);
          setAt(-1);
        }}
        onClick={() => {
          setTyped(true);
          setOpen(true);
        }}
        onKeyDown={onKey}
        className={[
          'h-11 w-full rounded-full border border-transparent bg-sunk ps-11 pe-4 text-ink',
          'text-ellipsis transition-colors',
          'placeholder:text-soft hover:border-line-strong focus:bg-card focus-visible:rounded-full',
        ].join(' ')}
      />
      <div
        hidden={!shown}
        className={[
          'absolute inset-x-0 top-full z-30 mt-2 max-h-[70dvh] overflow-y-auto rounded-2xl',
          'border border-line bg-card p-1.5',
          'shadow-lift quiet-scroll',
        ].join(' ')}
      >
        <div id={list} role="listbox" aria-label={t.search.suggestions}>
          {entries.map((entry, index) => (
            <Choice
              key={`${entry.kind} ${entry.key}`}
              {...option(index)}
              onChoose={() => {
                go(entry);
              }}
            >
              <Picture entry={entry} />
              <span className="min-w-0">
                <span className="block truncate font-semibold">
                  <Marked text={entry.title} query={settled} />
                </span>
                {entry.more && (
                  <span className="block truncate text-sm text-soft">
                    <Marked text={entry.more} query={settled} />
                  </span>
                )}
              </span>
            </Choice>
          ))}
          {!none && (
            <Choice
              {...option(entries.length)}
              onChoose={() => {
                go(undefined);
              }}
            >
              <span className="grid w-9 place-items-center text-soft">
                <ArrowRight size={19} aria-hidden />
              </span>
              <span className="min-w-0 truncate font-semibold">{t.search.allResults(query)}</span>
            </Choice>
          )}
        </div>
        {none && <p className="px-3 py-4 text-soft">{waiting ? t.search.looking : t.search.nothing(query)}</p>}
      </div>
      <p role="status" className="sr-only">
        {shown && !waiting ? t.count.suggestions(entries.length) : ''}
      </p>
    </div>
  );
}

interface ChoiceProps {
  id: string;
  /** True for the choice selected by the arrow keys; the focus stays in the field. */
  chosen: boolean;
  onChoose: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  children: ReactNode;
}

function Choice({ id, chosen, onChoose, onKeyDown, children }: ChoiceProps) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      tabIndex={-1}
      onPointerDown={(event) => {
        event.preventDefault();
      }}
      onClick={onChoose}
      onKeyDown={onKeyDown}
      className={`flex cursor-pointer items-center gap-3 rounded-xl p-2 ${chosen ? 'bg-sunk' : 'hover:bg-sunk'}`}
    >
      {children}
    </div>
  );
}

function Picture({ entry }: { entry: Entry }) {
  if (entry.kind === 'show') {
    // Keeps the place of the poster while only the title is known.
    const place = (
      <span className="grid aspect-[2/3] w-9 shrink-0 place-items-center rounded-md bg-sunk text-soft">
        <Clapperboard size={17} aria-hidden />
      </span>
    );
    if (!entry.show) return place;
    return (
      <Suspense fallback={place}>
        <Poster show={entry.show} className="!w-9 shrink-0 rounded-md" />
      </Suspense>
    );
  }
  const Icon = entry.kind === 'venue' ? Theater : MapPin;
  return (
    <span className="grid size-9 shrink-0 place-items-center rounded-full bg-sunk text-soft">
      <Icon size={18} aria-hidden />
    </span>
  );
}
