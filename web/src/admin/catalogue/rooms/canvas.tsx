import { useMemo } from 'react';

import { Button } from '../../../design/button';
import { usePlan } from '../../../seats/map/use-plan';
import { numberOf } from '../../../seats/map/row-shape';
import { SeatMapView } from '../../../seats/map/seat-map-view';
import { w } from '../../../i18n/work/texts';
import { mapOf, numbersOfPlaces, TOOLS, type EditedRow, type Tool } from './rows';

const NONE: ReadonlySet<string> = new Set();

interface Props {
  rows: readonly EditedRow[];
  chosen: ReadonlySet<string>;
  tool: Tool;
  onTool: (tool: Tool) => void;
  /** A place of the row with this key was pressed. */
  onPress: (key: string, at: number) => void;
  onArea: (label: string) => void;
}

/** The room as customers will see it, with a place for each missing seat. A press does what the tool says. */
export function Canvas({ rows, chosen, tool, onTool, onPress, onArea }: Props) {
  const map = useMemo(() => mapOf(rows), [rows]);
  const plan = usePlan(map);
  // Places are named by their row and their index, whatever their numbers are.
  const shown = useMemo(() => {
    const numbers = rows.map(numbersOfPlaces);
    const withNumbers = plan.rows.map((row, index) => ({
      ...row,
      seats: row.seats.map((seat) => ({ ...seat, number: String(numbers[index]?.[seat.index] ?? '') })),
    }));
    return { ...plan, rows: withNumbers };
  }, [rows, plan]);
  const editing = useMemo(() => {
    const numbers = new Map(rows.map((row) => [row.key, numbersOfPlaces(row)]));
    const byKey = new Map(rows.map((row) => [row.key, row]));
    const places = rows.flatMap((row) =>
      row.places.flatMap(({ kind }, at) => (kind === 'missing' ? [`${row.key}-${String(at + 1)}`] : [])),
    );
    const words = (name: string) => {
      const [key, at] = [name.slice(0, name.lastIndexOf('-')), numberOf(name) - 1];
      const row = byKey.get(key);
      const place = row?.places[at];
      if (!row || !place) return name;
      const number = numbers.get(key)?.[at];
      const seat = place.kind === 'missing' ? w.room.row(row.label) : `${row.label}-${String(number ?? '?')}`;
      return [seat, place.kind !== 'seat' && w.canvas.kinds[place.kind], place.aisle && w.canvas.aisle]
        .filter(Boolean)
        .join(', ');
    };
    const marked = new Set(rows.flatMap(({ key }, index) => (chosen.has(key) ? [index] : [])));
    return { missing: new Set(places), words, marked, onArea };
  }, [rows, chosen, onArea]);
  return (
    <div className="grid gap-3">
      <div role="radiogroup" aria-label={w.canvas.press} className="flex flex-wrap gap-2">
        {TOOLS.map((one) => (
          <Button
            key={one}
            role="radio"
            aria-checked={one === tool}
            size="small"
            look={one === tool ? 'gold' : 'plain'}
            onClick={() => {
              onTool(one);
            }}
          >
            {w.canvas.tools[one]}
          </Button>
        ))}
      </div>
      <div className="h-[60dvh] min-h-80 overflow-hidden rounded-2xl bg-sunk/60">
        <SeatMapView
          map={map}
          plan={shown}
          chosen={NONE}
          editing={editing}
          onToggle={(name) => {
            onPress(name.slice(0, name.lastIndexOf('-')), numberOf(name) - 1);
          }}
          front={w.canvas.front}
          label={w.canvas.label(w.canvas.tools[tool].toLowerCase())}
        />
      </div>
    </div>
  );
}
