import { Check, X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';

import { number } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { found, stepped, type Pick } from './picking';

interface Props {
  /** Such as `Shows`. */
  title: string;
  of: 'shows' | 'venues';
  all: readonly Pick[];
  chosen: readonly string[];
  onChosen: (chosen: string[]) => void;
}

/** Some of a list that may be long: a field finds them, and those chosen stay in sight. None chosen means all. */
export function Picker({ title, of, all, chosen, onChosen }: Props) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [news, setNews] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const { picks, more } = found(all, typed);
  const active = open && at >= 0 ? `${id}-${String(at)}` : undefined;
  useEffect(() => {
    if (active) document.getElementById(active)?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  useEffect(() => {
    // At the end of a form, the list would open below what is in sight, or grow out of it.
    if (open) list.current?.scrollIntoView({ block: 'nearest' });
  }, [open, picks.length, chosen.length]);
  const textOf = (value: string) => all.find((pick) => pick.value === value)?.text ?? value;
  const toggle = (value: string) => {
    const isOut = chosen.includes(value);
    onChosen(isOut ? chosen.filter((one) => one !== value) : [...chosen, value]);
    setNews((isOut ? w.picker.removed : w.picker.chosen)(textOf(value)));
    // The next one has another name.
    if (typed !== '') {
      setTyped('');
      setAt(-1);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const pick = open ? picks[at] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      setAt(stepped(at, event.key === 'ArrowDown' ? 1 : -1, picks.length));
    } else if (event.key === 'Enter' && (pick ?? typed.trim() !== '')) {
      // What was typed is a search here, and does not send the form.
      event.preventDefault();
      const one = pick ?? picks[0];
      if (one) toggle(one.value);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      setAt(-1);
    } else if (event.key === 'Backspace' && typed === '' && chosen.length > 0) {
      const last = chosen.at(-1);
      if (last !== undefined) toggle(last);
    }
  };
  return (
    <div
      role="group"
      aria-labelledby={`${id}-title`}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <label id={`${id}-title`} htmlFor={`${id}-field`} className="mb-1 block text-sm font-semibold">
        {title} <span className="font-normal text-soft">{chosen.length === 0 && w.promotion.all}</span>
      </label>
      {chosen.length > 0 && (
        <ul className="quiet-scroll mb-2 flex max-h-32 flex-wrap gap-1.5 overflow-y-auto">
          {chosen.map((value) => (
            <li key={value} className="min-w-0">
              <button
                type="button"
                aria-label={w.picker.remove(textOf(value))}
                onClick={() => {
                  toggle(value);
                  field.current?.focus();
                }}
                className="flex min-h-11 max-w-full items-center gap-2 rounded-full bg-ink px-4 font-semibold text-ground"
              >
                <span className="min-w-0 truncate">{textOf(value)}</span>
                <X size={16} className="shrink-0" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        ref={field}
        id={`${id}-field`}
        type="search"
        role="combobox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active}
        autoComplete="off"
        spellCheck={false}
        placeholder={w.picker[of].find}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setOpen(true);
          setAt(-1);
        }}
        onClick={() => {
          setOpen(true);
        }}
        onKeyDown={onKey}
        className="h-12 w-full rounded-xl border border-line-strong bg-card px-3.5 placeholder:text-soft hover:border-ink"
      />
      <div
        ref={list}
        hidden={!open}
        className="quiet-scroll mt-1 scroll-my-4 max-h-60 overflow-y-auto rounded-xl border border-line bg-card p-1"
      >
        <div id={`${id}-list`} role="listbox" aria-multiselectable aria-label={title}>
          {picks.map(({ value, text }, index) => (
            <div
              key={value}
              id={`${id}-${String(index)}`}
              role="option"
              aria-selected={chosen.includes(value)}
              tabIndex={-1}
              // Keeps the focus, and with it a phone's keyboard, in the field.
              onPointerDown={(event) => {
                event.preventDefault();
              }}
              onClick={() => {
                toggle(value);
              }}
              onKeyDown={onKey}
              className={`flex min-h-11 cursor-pointer items-center gap-2 rounded-lg px-3 ${index === at ? 'bg-sunk' : 'hover:bg-sunk'}`}
            >
              <Check size={17} className={chosen.includes(value) ? 'shrink-0' : 'invisible shrink-0'} aria-hidden />
              <span className="min-w-0 truncate">{text}</span>
            </div>
          ))}
        </div>
        {picks.length === 0 && <p className="px-3 py-2 text-soft">{w.picker[of].none}</p>}
        {more > 0 && <p className="px-3 py-2 text-sm text-soft">{w.picker.more(number(more))}</p>}
      </div>
      <p role="status" className="sr-only">
        {open && typed !== '' ? w.picker[of].found(picks.length + more) : news}
      </p>
    </div>
  );
}
