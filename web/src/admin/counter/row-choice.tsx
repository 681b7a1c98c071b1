import { useMemo } from 'react';

import type { SeatMap } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { PillButton } from '../../design/pill-button';
import { t } from '../../i18n/texts';
import { w } from '../../i18n/work/texts';
import { areChosen, freeIn, sectionsOf, withAll, type FreeRow } from './sections';

/** Chooses all free seats of a row, or of a section, at once. A second press gives them up. */
export function RowChoice({
  map,
  seats,
  onSeats,
}: {
  map: SeatMap;
  seats: readonly string[];
  onSeats: (seats: string[]) => void;
}) {
  const sections = useMemo(() => sectionsOf(map), [map]);
  const chosen = useMemo(() => new Set(seats), [seats]);
  const press = (free: readonly string[]) => {
    onSeats(withAll(seats, free));
  };
  return (
    <details className="rounded-2xl bg-sunk px-4">
      <summary className="flex min-h-11 cursor-pointer items-center font-semibold">{w.wholeRows.title}</summary>
      <div className="quiet-scroll grid max-h-80 gap-4 overflow-y-auto pt-1 pb-4">
        {sections.map(({ level, category, rows }) => {
          const name = sections.length === 1 ? w.wholeRows.room : (level ?? categoryName(category));
          const free = freeIn(rows);
          return (
            <div key={level ?? category} role="group" aria-label={name} className="flex flex-wrap gap-2">
              <PillButton
                pressed={areChosen(free, chosen)}
                disabled={free.length === 0}
                className="w-full disabled:opacity-50"
                onClick={() => {
                  press(free);
                }}
              >
                {w.wholeRows.all(name, free.length)}
              </PillButton>
              {rows.map((row) => (
                <PillButton
                  key={row.label}
                  pressed={areChosen(row.free, chosen)}
                  disabled={row.free.length === 0}
                  aria-label={w.wholeRows.all(nameOf(row), row.free.length)}
                  className="!min-w-11 !px-3 disabled:opacity-50"
                  onClick={() => {
                    press(row.free);
                  }}
                >
                  {row.label}
                </PillButton>
              ))}
            </div>
          );
        })}
      </div>
    </details>
  );
}

function nameOf({ label, standing }: FreeRow): string {
  return standing ? t.seats.area(label) : t.seats.row(label);
}
