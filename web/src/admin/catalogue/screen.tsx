import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus, Undo2 } from 'lucide-react';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { Problem } from '../../api/problem';
import { outdated, reading } from '../../api/queries';
import type { Screen } from '../../api/types';
import { Status } from '../../design/badge';
import { Button, ButtonLink } from '../../design/button';
import { TextField } from '../../design/field';
import { t } from '../../i18n/texts';
import { useTitle } from '../../design/hooks';
import { Bone, Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Sure, Title } from '../parts';
import { PLAIN } from './rooms/numbering';
import { RowFields, NumberField } from './rooms/row-fields';
import { RowList } from './rooms/row-list';
import {
  flawsOf,
  freeLabel,
  layoutFrom,
  newRowKey,
  plainPlaces,
  pressed,
  rowsFrom,
  seatsIn,
  type EditedRow,
  type Tool,
} from './rooms/rows';
import { rowsOf, TEMPLATES, type Template } from './rooms/templates';
import { useRows } from './rooms/use-rows';
import { Unsaved } from './unsaved';

const ScreenOverlaps = lazy(() => import('./overlaps').then((file) => ({ default: file.ScreenOverlaps })));
const RetireScreen = lazy(() => import('./retire-screen').then((file) => ({ default: file.RetireScreen })));
// The map is much of the script, and the fields beside it do not wait for it.
const Canvas = lazy(() => import('./rooms/canvas').then((file) => ({ default: file.Canvas })));
const ScreenBlocks = lazy(() => import('./screen-blocks').then((file) => ({ default: file.ScreenBlocks })));

/** A new room of a venue, or one to rearrange. */
export default function AdminScreen() {
  const { id = '' } = useParams();
  // The router's, since the browser's own is ahead of it while a way back waits to be confirmed.
  const { pathname } = useLocation();
  const isNew = pathname.endsWith('/screens/new');
  const screen = useQuery({ ...reading(`/screens/${id}`), enabled: !isNew });
  useTitle(isNew ? w.room.new : screen.data?.name);
  if (isNew) return <Editor venue={id} />;
  return (
    <Answer of={screen}>
      {(one) => (
        <>
          <Editor key={one.screen_id} venue={one.venue_id} screen={one} />
          <Suspense>
            <ScreenBlocks screen={one} />
          </Suspense>
        </>
      )}
    </Answer>
  );
}

/** Minutes for cleaning, at most. */
const TURNAROUND_MAX = 240;
/** Rows that are added at once. */
const ROWS_MAX = 100;

const isAlike = (rows: readonly EditedRow[], template: Template) =>
  JSON.stringify(layoutFrom(rows)) === JSON.stringify(layoutFrom(rowsOf(template)));

function Editor({ venue, screen }: { venue: string; screen?: Screen }) {
  const navigate = useNavigate();
  const [name, setName] = useState(screen?.name ?? '');
  const [turnaround, setTurnaround] = useState(screen?.turnaround_minutes ?? 0);
  const [template, setTemplate] = useState(TEMPLATES[0]);
  const { rows, change, undo } = useRows(() => (screen ? rowsFrom(screen.layout) : template ? rowsOf(template) : []));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(rows[0] ? [rows[0].key] : []));
  const [tool, setTool] = useState<Tool>('missing');
  const [wished, setWished] = useState<Template | null>(null);
  const key = useKey();
  const layout = useMemo(() => layoutFrom(rows), [rows]);
  const flaws = useMemo(
    () =>
      new Map(
        rows.flatMap((row) => {
          const found = flawsOf(row, rows);
          return found.length > 0 ? [[row.key, found] as const] : [];
        }),
      ),
    [rows],
  );
  const seats = rows.reduce((total, row) => total + seatsIn(row), 0);
  const picked = rows.filter((row) => chosen.has(row.key));
  const save = useMutation({
    mutationFn: async () => {
      const body = { name, layout, turnaround_minutes: turnaround };
      if (screen) await command('PATCH', `/screens/${screen.screen_id}`, { body });
      else await key.run(body, (text) => command('POST', `/venues/${venue}/screens`, { body, key: text }));
    },
    onSuccess: () => {
      void outdated('/screens', `/venues/${venue}`);
      say(screen ? w.room.saved : w.room.has(name, t.count.seats(seats)), 'good');
      void navigate(`/admin/venues/${venue}`);
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const begin = (next: Template) => {
    const fresh = rowsOf(next);
    setTemplate(next);
    change(() => fresh);
    setChosen(new Set(fresh[0] ? [fresh[0].key] : []));
    setWished(null);
  };
  const add = (more: EditedRow[]) => {
    change((before) => [...before, ...more]);
    setChosen(new Set(more.map((row) => row.key)));
  };
  const changePicked = (edit: (row: EditedRow, at: number) => EditedRow) => {
    change((before) => {
      let at = 0;
      return before.map((row) => (chosen.has(row.key) ? edit(row, at++) : row));
    });
  };
  const move = (by: -1 | 1) => {
    change((before) => moved(before, chosen, by));
  };
  const copy = () => {
    const copies: EditedRow[] = [];
    for (const row of picked)
      copies.push({ ...row, key: newRowKey(), label: freeLabel(row.label, [...rows, ...copies]) });
    const last = picked.at(-1);
    change((before) => before.flatMap((row) => (row.key === last?.key ? [row, ...copies] : [row])));
    setChosen(new Set(copies.map((row) => row.key)));
  };
  const onArea = useCallback(
    (label: string) => {
      const area = rows.find((row) => row.label === label);
      if (area) setChosen(new Set([area.key]));
    },
    [rows],
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Title
        actions={
          <>
            <ButtonLink to={`/admin/venues/${venue}`}>{w.room.back}</ButtonLink>
            <Suspense>{screen && <RetireScreen screen={screen} />}</Suspense>
            <Button
              look="gold"
              type="submit"
              busy={save.isPending}
              disabled={save.isPending || seats === 0 || flaws.size > 0}
            >
              {screen ? w.room.save : w.room.add}
            </Button>
          </>
        }
      >
        {screen ? screen.name : w.room.new}
        {screen?.status === 'retired' && (
          <span className="ml-2 inline-block align-middle text-base font-normal">
            <Status of="retired" />
          </span>
        )}
      </Title>
      {screen && (
        <Note tone="note" className="mb-5">
          {w.room.keep}
        </Note>
      )}
      <div className="mb-5">
        <Refused error={save.error} />
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,24rem)_minmax(0,1fr)]">
        <div className="grid gap-4 max-lg:order-last">
          <Card title={picked.length === 1 ? titleOf(picked[0]) : w.room.rows(picked.length)}>
            <div className="grid gap-5">
              <RowList rows={rows} chosen={chosen} flaws={flaws} onChoose={setChosen} />
              {picked.length > 0 && (
                <RowFields
                  rows={picked}
                  flaws={[...new Set(picked.flatMap((row) => flaws.get(row.key) ?? []))]}
                  onChange={changePicked}
                  onMove={move}
                  onCopy={copy}
                  onRemove={() => {
                    change((before) => before.filter((row) => !chosen.has(row.key)));
                    setChosen(new Set());
                  }}
                />
              )}
            </div>
          </Card>
          <AddRows rows={rows} onAdd={add} />
        </div>
        <div className="grid gap-4 lg:sticky lg:top-20">
          <Card>
            <TextField
              label={w.room.name}
              required
              autoFocus={!screen}
              maxLength={100}
              placeholder={w.room.nameExample}
              value={name}
              error={problem?.flaw('/name')}
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
            <div className="mt-4">
              <NumberField
                label={w.room.cleaning}
                min={0}
                max={TURNAROUND_MAX}
                hint={w.room.cleaningHint}
                value={turnaround}
                onValue={setTurnaround}
              />
              <Suspense>{screen && <ScreenOverlaps screen={screen} minutes={turnaround} />}</Suspense>
            </div>
            {!screen && (
              <div className="mt-4">
                <p className="mb-1.5 text-sm font-semibold">{w.room.begin}</p>
                <div className="flex flex-wrap gap-2">
                  {TEMPLATES.map((one) => (
                    <Button
                      key={one.id}
                      size="small"
                      onClick={() => {
                        if (template && isAlike(rows, template)) begin(one);
                        else setWished(one);
                      }}
                    >
                      {w.room.templates[one.id]}
                    </Button>
                  ))}
                </div>
              </div>
            )}
          </Card>
          <Card
            title={t.count.seats(seats)}
            actions={
              <Button size="small" disabled={!undo} onClick={undo ?? undefined}>
                <Undo2 size={16} aria-hidden /> {w.room.undo}
              </Button>
            }
          >
            <Suspense fallback={<Bone className="h-[60dvh] min-h-80" />}>
              <Canvas
                rows={rows}
                chosen={chosen}
                tool={tool}
                onTool={setTool}
                onPress={(row, at) => {
                  setChosen(new Set([row]));
                  change((before) => before.map((one) => (one.key === row ? pressed(one, at, tool) : one)));
                }}
                onArea={onArea}
              />
            </Suspense>
          </Card>
        </div>
      </div>
      <Unsaved values={[name, layout, turnaround]} save={save} />
      {wished && (
        <Sure
          title={w.room.sure(w.room.templates[wished.id].toLowerCase())}
          verb={w.room.startOver}
          act={{
            mutate: () => {
              begin(wished);
            },
          }}
          onClose={() => {
            setWished(null);
          }}
        >
          {w.room.replaces}
        </Sure>
      )}
    </form>
  );
}

function titleOf(row: EditedRow | undefined): string {
  return row?.standing === null ? w.room.row(row.label) : w.room.standing(row?.label ?? '');
}

/** The rows with the chosen ones one place nearer to the front or to the back. */
function moved(rows: readonly EditedRow[], chosen: ReadonlySet<string>, by: -1 | 1): EditedRow[] {
  const next = by < 0 ? [...rows] : [...rows].reverse();
  for (let at = 1; at < next.length; at += 1) {
    const [before, here] = [next[at - 1], next[at]];
    if (before && here && chosen.has(here.key) && !chosen.has(before.key)) [next[at - 1], next[at]] = [here, before];
  }
  return by < 0 ? next : next.reverse();
}

/** More rows behind the last one, as wide as that, or a standing area. */
function AddRows({ rows, onAdd }: { rows: readonly EditedRow[]; onAdd: (rows: EditedRow[]) => void }) {
  const [number, setNumber] = useState(3);
  const last = rows.findLast(({ standing }) => standing === null);
  const shape = {
    category: rows.at(-1)?.category ?? 'standard',
    level: rows.at(-1)?.level ?? '',
    curve: last?.curve ?? 0,
    numbering: last && last.numbering.pattern !== 'own' ? last.numbering : PLAIN,
  };
  const places = () => (last ? last.places.map(({ aisle }) => ({ kind: 'seat' as const, aisle })) : plainPlaces(14));
  return (
    <Card title={w.room.addTitle}>
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-24">
          <NumberField label={w.room.addCount} max={ROWS_MAX} value={number} onValue={setNumber} />
        </div>
        <Button
          className="min-h-12"
          onClick={() => {
            const more: EditedRow[] = [];
            for (let at = 0; at < number; at += 1) {
              const label = freeLabel(last?.label ?? 'A', [...rows, ...more]);
              more.push({ ...shape, key: newRowKey(), label, places: places(), standing: null });
            }
            onAdd(more);
          }}
        >
          <Plus size={18} aria-hidden /> {w.room.addRows}
        </Button>
        <Button
          className="min-h-12"
          onClick={() => {
            const label = freeLabel('PIT', rows);
            const level = rows.at(-1)?.level ?? '';
            onAdd([
              {
                key: newRowKey(),
                label,
                category: 'standing',
                level,
                curve: 0,
                places: [],
                numbering: PLAIN,
                standing: 100,
              },
            ]);
          }}
        >
          <Plus size={18} aria-hidden /> {w.room.addStanding}
        </Button>
      </div>
    </Card>
  );
}
