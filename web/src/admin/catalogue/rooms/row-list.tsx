import { categoryName } from '../../../catalogue/names';
import { t } from '../../../i18n/texts';
import { w } from '../../../i18n/work/texts';
import { seatsIn, type EditedRow } from './rows';

/** All rows, front first: those with a tick are changed together. */
export function RowList({
  rows,
  chosen,
  flaws,
  onChoose,
}: {
  rows: readonly EditedRow[];
  chosen: ReadonlySet<string>;
  flaws: ReadonlyMap<string, string[]>;
  onChoose: (keys: ReadonlySet<string>) => void;
}) {
  const toggle = (key: string) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChoose(next);
  };
  return (
    <fieldset>
      <legend className="mb-2 flex w-full items-baseline justify-between gap-3">
        <span className="text-sm font-semibold">{w.rowList.title}</span>
        <span className="flex gap-4 text-sm">
          <button
            type="button"
            className="link"
            onClick={() => {
              onChoose(new Set(rows.map(({ key }) => key)));
            }}
          >
            {w.rowList.all}
          </button>
          <button
            type="button"
            className="link"
            onClick={() => {
              onChoose(new Set());
            }}
          >
            {w.rowList.none}
          </button>
        </span>
      </legend>
      <ul className="quiet-scroll max-h-64 overflow-y-auto rounded-2xl border border-line">
        {rows.map((row) => (
          <li key={row.key} className="border-b border-line last:border-b-0">
            <label className="flex min-h-11 items-center gap-3 px-3 hover:bg-sunk has-checked:bg-sunk">
              <input
                type="checkbox"
                className="size-5 shrink-0 accent-ink"
                checked={chosen.has(row.key)}
                onChange={() => {
                  toggle(row.key);
                }}
              />
              <span className="w-12 shrink-0 font-semibold">{row.label || '–'}</span>
              <span className="min-w-0 truncate">
                {categoryName(row.category)}
                {row.level && <span className="text-soft"> · {row.level}</span>}
              </span>
              <span
                className={`ms-auto shrink-0 text-sm ${flaws.has(row.key) ? 'font-semibold text-bad' : 'text-soft'}`}
              >
                {flaws.has(row.key)
                  ? w.rowList.notComplete
                  : row.standing === null
                    ? t.count.seats(seatsIn(row))
                    : w.rowList.standing(row.standing)}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
