import { MapPin, Search } from 'lucide-react';
import { useId, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';

import { useSettled } from '../design/hooks';
import { Poster } from '../design/poster';
import { useCity } from './city';
import { marked } from './matching';
import { useSearch } from './use-search';

interface Entry {
  key: string;
  to: string;
  title: string;
  more: string;
  picture: React.ReactNode;
}

/** One field for shows, venues and cities, with what fits below it as one types. */
export function SearchBox({ autoFocus = false, onChosen }: { autoFocus?: boolean; onChosen?: () => void }) {
  const navigate = useNavigate();
  const city = useCity();
  const list = useId();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const settled = useSettled(text, 120);
  const { found, pending } = useSearch(settled, city);
  const entries: Entry[] = [
    ...found.shows.map((show) => ({
      key: show.show_id,
      to: `/shows/${show.show_id}`,
      title: show.title,
      more: [show.language, ...show.genres].join(', '),
      picture: <Poster show={show} className="!w-9 rounded-md" />,
    })),
    ...found.venues.map((venue) => ({
      key: venue.venue_id,
      to: `/venues/${venue.venue_id}`,
      title: venue.name,
      more: venue.city,
      picture: <MapPin size={20} className="mx-2 text-soft" aria-hidden />,
    })),
  ];
  const shown = open && text.trim() !== '';

  const go = (entry: Entry | undefined) => {
    if (!entry && text.trim() === '') return;
    void navigate(entry ? entry.to : `/shows?q=${encodeURIComponent(text.trim())}`);
    setOpen(false);
    setText('');
    setAt(-1);
    onChosen?.();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setOpen(true);
      setAt((now) => (entries.length === 0 ? -1 : (now + step + entries.length + (now === -1 && step === -1 ? 1 : 0)) % entries.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(entries[at]);
    } else if (event.key === 'Escape' && shown) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };

  return (
    <div className="relative w-full" onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false); }}>
      <Search size={18} className="pointer-events-none absolute left-4 top-1/2 -translate-y-1/2 text-soft" aria-hidden />
      <input
        type="search"
        role="combobox"
        aria-label="Search shows, venues and cities"
        aria-expanded={shown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown && at >= 0 ? `${list}-${String(at)}` : undefined}
        placeholder="Film, play, venue or city"
        autoComplete="off"
        autoFocus={autoFocus}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          setAt(-1);
        }}
        onFocus={() => {
          setOpen(true);
        }}
        onKeyDown={onKey}
        className="h-11 w-full rounded-full border border-transparent bg-sunk pl-11 pr-4 text-ink transition-colors placeholder:text-soft hover:border-line-strong focus:bg-card focus-visible:rounded-full"
      />
      <div
        id={list}
        role="listbox"
        aria-label="Suggestions"
        hidden={!shown}
        className="absolute inset-x-0 top-full z-30 mt-2 max-h-[70dvh] overflow-y-auto rounded-2xl border border-line bg-card p-1.5 shadow-lift quiet-scroll"
      >
        {entries.map((entry, index) => (
          <div
            key={entry.key}
            id={`${list}-${String(index)}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onPointerDown={(event) => {
              event.preventDefault();
            }}
            onClick={() => {
              go(entry);
            }}
            onKeyDown={onKey}
            className={`flex cursor-pointer items-center gap-3 rounded-xl p-2 ${index === at ? 'bg-sunk' : 'hover:bg-sunk'}`}
          >
            {entry.picture}
            <span className="min-w-0">
              <span className="block truncate font-semibold">
                {marked(entry.title, settled).map((part, place) =>
                  part.hit ? (
                    <mark key={place} className="bg-transparent text-inherit underline decoration-gold decoration-2 underline-offset-2">
                      {part.text}
                    </mark>
                  ) : (
                    part.text
                  ),
                )}
              </span>
              <span className="block truncate text-sm text-soft">{entry.more}</span>
            </span>
          </div>
        ))}
        {entries.length === 0 && <p className="px-3 py-4 text-soft">{pending || settled !== text ? 'Looking…' : `Nothing here sounds like “${text.trim()}”.`}</p>}
      </div>
      <p role="status" className="sr-only">
        {shown && !pending ? `${String(entries.length)} suggestions` : ''}
      </p>
    </div>
  );
}
