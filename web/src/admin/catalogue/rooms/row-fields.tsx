import { ArrowDown, ArrowUp, Copy, Trash2 } from 'lucide-react';
import { useState } from 'react';

import { Button } from '../../../design/button';
import { SelectField, TextField } from '../../../design/field';
import { w } from '../../../i18n/work/texts';

import { listOf, numbersFor, PATTERNS, type Numbering, type Pattern } from './numbering';
import {
  CURVE_MAX,
  labelAfter,
  numbersOfPlaces,
  resized,
  SEATS_MAX,
  seatsIn,
  STANDING_MAX,
  type EditedRow,
} from './rows';

/** The value that all rows have; null if they differ. */
function common<T>(rows: readonly EditedRow[], pick: (row: EditedRow) => T): T | null {
  const [first, ...more] = rows.map(pick);
  return first !== undefined && more.every((value) => value === first) ? first : null;
}

/** A number that may be empty while it is typed; the last one that made sense counts until then. */
export function NumberField({
  label,
  value,
  min = 1,
  max,
  hint,
  onValue,
}: {
  label: string;
  /** Null if the rows differ. */
  value: number | null;
  min?: number;
  max: number;
  hint?: string;
  onValue: (value: number) => void;
}) {
  const [typed, setTyped] = useState<{ text: string; value: number | null }>();
  const isMeant = (number: number) => Number.isInteger(number) && number >= min && number <= max;
  // What was typed counts as long as it led to this value.
  const text = typed?.value === value ? typed.text : value === null ? '' : String(value);
  return (
    <TextField
      label={label}
      type="number"
      inputMode="numeric"
      min={min}
      max={max}
      placeholder={value === null ? w.rowFields.various : undefined}
      hint={hint}
      value={text}
      error={text !== '' && !isMeant(Number(text)) ? w.rowFields.bounds(min, max) : undefined}
      onChange={({ target }) => {
        const number = Number(target.value);
        const is = target.value !== '' && isMeant(number);
        setTyped({ text: target.value, value: is ? number : value });
        if (is) onValue(number);
      }}
    />
  );
}

interface Props {
  /** The chosen rows. */
  rows: readonly EditedRow[];
  flaws: readonly string[];
  onChange: (change: (row: EditedRow, at: number) => EditedRow) => void;
  onMove: (by: -1 | 1) => void;
  onCopy: () => void;
  onRemove: () => void;
}

/** Everything that can be said of the chosen rows, at once for all of them. */
export function RowFields({ rows, flaws, onChange, onMove, onCopy, onRemove }: Props) {
  const [first] = rows;
  if (!first) return null;
  const areStanding = common(rows, ({ standing }) => standing !== null);
  const category = common(rows, (row) => row.category);
  const level = common(rows, (row) => row.level);
  return (
    <div className="grid gap-4">
      {flaws.length > 0 && (
        <ul role="alert" className="grid gap-1 text-sm font-medium text-bad">
          {flaws.map((flaw) => (
            <li key={flaw}>{flaw}</li>
          ))}
        </ul>
      )}
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label={rows.length > 1 ? w.rowFields.firstLabel : w.rowFields.label}
          maxLength={4}
          value={first.label}
          autoCapitalize="characters"
          onChange={({ target }) => {
            const labels = [target.value.toUpperCase()];
            rows.slice(1).forEach(() => labels.push(labelAfter(labels.at(-1) ?? 'A')));
            onChange((row, at) => ({ ...row, label: labels[at] ?? row.label }));
          }}
        />
        <TextField
          label={w.rowFields.category}
          maxLength={20}
          placeholder={category === null ? w.rowFields.various : undefined}
          value={category ?? ''}
          onChange={({ target }) => {
            onChange((row) => ({ ...row, category: target.value }));
          }}
        />
        <TextField
          label={w.rowFields.level}
          maxLength={30}
          placeholder={level === null ? w.rowFields.various : w.rowFields.levelExample}
          value={level ?? ''}
          onChange={({ target }) => {
            onChange((row) => ({ ...row, level: target.value }));
          }}
        />
        {areStanding ? (
          <NumberField
            label={w.rowFields.capacity}
            max={STANDING_MAX}
            value={common(rows, (row) => row.standing)}
            onValue={(standing) => {
              onChange((row) => ({ ...row, standing }));
            }}
          />
        ) : (
          <NumberField
            label={w.rowFields.places}
            max={SEATS_MAX}
            hint={w.rowFields.placesHint}
            value={common(rows, (row) => row.places.length)}
            onValue={(places) => {
              onChange((row) => (row.standing === null ? resized(row, places) : row));
            }}
          />
        )}
      </div>
      {areStanding !== true && <SeatFields rows={rows} onChange={onChange} />}
      <div className="flex flex-wrap gap-2">
        <Button
          size="small"
          onClick={() => {
            onMove(-1);
          }}
        >
          <ArrowUp size={16} aria-hidden /> {w.rowFields.toFront}
        </Button>
        <Button
          size="small"
          onClick={() => {
            onMove(1);
          }}
        >
          <ArrowDown size={16} aria-hidden /> {w.rowFields.toBack}
        </Button>
        <Button size="small" onClick={onCopy}>
          <Copy size={16} aria-hidden /> {w.rowFields.copy}
        </Button>
        <Button size="small" look="danger" onClick={onRemove}>
          <Trash2 size={16} aria-hidden />{' '}
          {rows.length > 1 ? w.rowFields.removeRows(rows.length) : w.rowFields.removeRow(first.label)}
        </Button>
      </div>
    </div>
  );
}

/** Numbers, aisles and curve of rows of seats. */
function SeatFields({ rows, onChange }: Pick<Props, 'rows' | 'onChange'>) {
  const seated = rows.filter(({ standing }) => standing === null);
  const [example] = seated;
  const numberings = common(seated, ({ numbering }) => JSON.stringify(numbering));
  const pattern = common(seated, ({ numbering }) => numbering.pattern);
  const has = common(seated, ({ places }) => places.flatMap(({ aisle }, at) => (aisle ? [at + 1] : [])).join(', '));
  const renumber = (change: (row: EditedRow) => Partial<Numbering>) => {
    onChange((row) => ({ ...row, numbering: { ...row.numbering, ...change(row) } }));
  };
  if (!example) return null;
  const missing = example.places.some(({ kind }) => kind === 'missing');
  return (
    <div className="grid grid-cols-2 gap-3">
      <div className="col-span-2">
        <SelectField
          label={w.rowFields.numbers}
          value={pattern ?? ''}
          hint={numberings !== null && hintOf(example)}
          onChange={({ target }) => {
            const next = target.value as Pattern;
            renumber((row) => ({
              pattern: next,
              ...(next === 'own' && {
                own: numbersOfPlaces(row)
                  .filter((number) => number !== null)
                  .join(', '),
              }),
            }));
          }}
        >
          {pattern === null && <option value="">{w.rowFields.various}</option>}
          {PATTERNS.map((one) => (
            <option key={one} value={one}>
              {w.rowFields.patterns[one]}
            </option>
          ))}
        </SelectField>
      </div>
      {pattern === 'own' ? (
        <div className="col-span-2">
          <TextField
            label={w.rowFields.own}
            inputMode="numeric"
            placeholder="7, 5, 3, 1"
            value={common(seated, ({ numbering }) => numbering.own) ?? ''}
            hint={w.rowFields.ownCount(listOf(example.numbering.own).length, seatsIn(example))}
            onChange={({ target }) => {
              renumber(() => ({ own: target.value }));
            }}
          />
        </div>
      ) : (
        <NumberField
          label={w.rowFields.first}
          max={STANDING_MAX - SEATS_MAX}
          value={common(seated, ({ numbering }) => numbering.first)}
          onValue={(first) => {
            renumber(() => ({ first }));
          }}
        />
      )}
      <NumberField
        label={w.rowFields.curve}
        min={0}
        max={CURVE_MAX}
        hint={w.rowFields.curveHint}
        value={common(seated, ({ curve }) => curve)}
        onValue={(curve) => {
          onChange((row) => (row.standing === null ? { ...row, curve } : row));
        }}
      />
      <div className="col-span-2">
        <AislesField
          key={`${example.key} ${String(seated.length)}`}
          has={has}
          most={Math.min(...seated.map(({ places }) => places.length - 1))}
          onAisles={(aisles) => {
            onChange((row) => ({
              ...row,
              places: row.places.map((place, at) => ({ ...place, aisle: aisles.includes(at + 1) })),
            }));
          }}
        />
      </div>
      {missing && pattern !== 'own' && (
        <label className="col-span-2 flex min-h-11 items-center gap-3">
          <input
            type="checkbox"
            className="size-5 shrink-0 accent-ink"
            checked={common(seated, ({ numbering }) => numbering.counted) ?? false}
            onChange={({ target }) => {
              renumber(() => ({ counted: target.checked }));
            }}
          />
          {w.rowFields.counted}
        </label>
      )}
    </div>
  );
}

/** The numbers at both ends of a row. */
function hintOf(row: EditedRow): string {
  const numbers = numbersFor(
    row.numbering,
    row.places.map(({ kind }) => kind === 'missing'),
  );
  if (numbers.length < 5) return numbers.join(', ');
  return `${numbers.slice(0, 3).join(', ')} … ${numbers.slice(-2).join(', ')}`;
}

/** Places with an aisle to their right, as typed. */
function AislesField({
  has,
  most,
  onAisles,
}: {
  has: string | null;
  most: number;
  onAisles: (aisles: number[]) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const isSame =
    typed !== undefined &&
    listOf(typed)
      .filter((number) => number <= most)
      .join(', ') === has;
  return (
    <TextField
      label={w.rowFields.aisles}
      inputMode="numeric"
      placeholder={has === null ? w.rowFields.various : '4, 12'}
      hint={w.rowFields.aislesHint}
      value={isSame ? typed : (has ?? '')}
      onChange={({ target }) => {
        setTyped(target.value);
        const aisles = [...new Set(listOf(target.value).filter((number) => number <= most))].sort((a, b) => a - b);
        onAisles(aisles);
      }}
    />
  );
}
