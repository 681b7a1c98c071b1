import { useEffect, useRef } from 'react';

/** Brings the open one of a row that scrolls into sight: on phones not all of them fit. */
export function useCurrentInSight<E extends HTMLElement>(current: unknown) {
  const row = useRef<E>(null);
  useEffect(() => {
    const open = row.current?.querySelector<HTMLElement>('[aria-current]');
    if (open && row.current)
      row.current.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - row.current.clientWidth / 2;
  }, [current]);
  return row;
}

/** The lists of a page, one of which is open. */
export function Segments<T extends string>({
  label,
  all,
  current,
  onChoose,
}: {
  label: string;
  all: readonly (readonly [T, string])[];
  current: T;
  onChoose: (one: T) => void;
}) {
  const row = useCurrentInSight<HTMLElement>(current);
  return (
    <nav
      ref={row}
      aria-label={label}
      className={[
        'relative my-6 flex w-full gap-1 overflow-x-auto rounded-full bg-sunk p-1',
        '[scrollbar-width:none] sm:w-fit',
      ].join(' ')}
    >
      {all.map(([value, text]) => (
        <button
          key={value}
          type="button"
          aria-current={value === current ? 'page' : undefined}
          onClick={() => {
            onChoose(value);
          }}
          className={[
            'min-h-11 flex-1 rounded-full px-4 font-semibold whitespace-nowrap transition-colors max-xs:px-2.5 sm:px-5',
            value === current ? 'bg-card shadow-card' : 'text-soft hover:text-ink',
          ].join(' ')}
        >
          {text}
        </button>
      ))}
    </nav>
  );
}
