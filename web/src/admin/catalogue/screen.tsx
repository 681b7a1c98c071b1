import { useMutation, useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';

import { command, newKey } from '../../api/client';
import { Problem } from '../../api/problem';
import { outdated, reading } from '../../api/queries';
import type { Screen } from '../../api/types';
import { Button, ButtonLink, IconButton } from '../../design/button';
import { TextField } from '../../design/field';
import { count } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { drawPlan } from '../../seats/map/plan';
import { blocksOf, layoutOf, roomOf, STARTS, strangersOf, type Block, type Start } from './layout';
import { MiniPlan } from './mini-plan';
import { Answer, Card, Sure, Title } from '../parts';
import { Unsaved } from './unsaved';

/** A new room of a venue, or one to rearrange. */
export default function AdminScreen() {
  const { id = '' } = useParams();
  // The router's, since the browser's own is ahead of it while a way back waits to be confirmed.
  const { pathname } = useLocation();
  const isNew = pathname.endsWith('/screens/new');
  const screen = useQuery({ ...reading(`/screens/${id}`), enabled: !isNew });
  useTitle(isNew ? 'New screen' : screen.data?.name);
  if (isNew) return <Editor venue={id} />;
  return <Answer of={screen}>{(one) => <Editor key={one.screen_id} venue={one.venue_id} screen={one} />}</Answer>;
}

/** Rows, and seats a row. */
const MANY = 200;

/** Numbers of seats that cannot be meant, in words. */
function strange(text: string, most: number, seats: number): string | undefined {
  const strangers = strangersOf(text, most);
  return strangers.length > 0 ? `Left out: ${strangers.join(', ')}. A row has ${count(seats, 'seat')}.` : undefined;
}

/** A number that may be empty while it is typed; the last one that made sense counts until then. */
function NumberField({ label, value, onValue }: { label: string; value: number; onValue: (value: number) => void }) {
  const [text, setText] = useState(String(value));
  const isMeant = (number: number) => Number.isInteger(number) && number >= 1 && number <= MANY;
  return (
    <TextField
      label={label}
      type="number"
      required
      min={1}
      max={MANY}
      value={text}
      error={text !== '' && !isMeant(Number(text)) ? `1 to ${String(MANY)}` : undefined}
      onChange={({ target }) => {
        setText(target.value);
        if (isMeant(Number(target.value))) onValue(Number(target.value));
      }}
    />
  );
}

interface Keyed extends Block {
  key: string;
}

const keyed = (block: Block): Keyed => ({ ...block, key: newKey() });

/** True while these are the default rows of a new room. */
const isUntouched = (blocks: readonly Keyed[], start: readonly Block[]) =>
  JSON.stringify(layoutOf(blocks)) === JSON.stringify(layoutOf(start));

function Editor({ venue, screen }: { venue: string; screen?: Screen }) {
  const navigate = useNavigate();
  const [name, setName] = useState(screen?.name ?? '');
  const [start, setStart] = useState(STARTS[0]);
  const [blocks, setBlocks] = useState<Keyed[]>(() =>
    (screen ? blocksOf(screen.layout) : (start?.blocks ?? [])).map(keyed),
  );
  const [wished, setWished] = useState<Start | null>(null);
  const [key] = useState(newKey);
  const layout = useMemo(() => layoutOf(blocks), [blocks]);
  const plan = useMemo(() => drawPlan(roomOf(layout)), [layout]);
  const seats = layout.rows.reduce((total, row) => total + row.seats, 0);
  const accessible = layout.rows.reduce((total, row) => total + (row.accessible?.length ?? 0), 0);
  const save = useMutation({
    mutationFn: async () => {
      if (screen) await command('PATCH', `/screens/${screen.screen_id}`, { body: { name, layout } });
      else await command('POST', `/venues/${venue}/screens`, { body: { name, layout }, key });
    },
    onSuccess: () => {
      void outdated('/screens', `/venues/${venue}`);
      say(screen ? 'Saved.' : `${name} has ${count(seats, 'seat')}.`, 'good');
      void navigate(`/admin/venues/${venue}`);
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const change = (index: number, part: Partial<Block>) => {
    setBlocks((before) => before.map((block, at) => (at === index ? { ...block, ...part } : block)));
  };
  const begin = (next: Start) => {
    setStart(next);
    setBlocks(next.blocks.map(keyed));
    setWished(null);
  };
  const adding = useRef<HTMLDivElement>(null);
  const remove = (index: number) => {
    setBlocks(blocks.filter((_, at) => at !== index));
    // The button that was pressed goes with its rows.
    adding.current?.querySelector('button')?.focus();
  };
  const swap = (index: number, other: number) => {
    setBlocks((before) => {
      const next = [...before];
      const [a, b] = [next[index], next[other]];
      if (a && b) [next[index], next[other]] = [b, a];
      return next;
    });
  };
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
            <ButtonLink to={`/admin/venues/${venue}`}>Back to the venue</ButtonLink>
            <Button look="gold" type="submit" busy={save.isPending} disabled={save.isPending || seats === 0}>
              {screen ? 'Save' : 'Add the screen'}
            </Button>
          </>
        }
      >
        {screen ? screen.name : 'New screen'}
      </Title>
      {screen && (
        <Note tone="note" className="mb-5">
          Screenings that are scheduled already keep the seats they were sold with.
        </Note>
      )}
      <div className="mb-5">
        <Refused error={save.error} />
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <div className="grid gap-4">
          <Card>
            <TextField
              label="Name"
              required
              autoFocus={!screen}
              maxLength={100}
              placeholder="Screen 1"
              value={name}
              error={problem?.flaw('/name')}
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
            {!screen && (
              <div className="mt-4">
                <p className="mb-1.5 text-sm font-semibold">Begin with</p>
                <div className="flex flex-wrap gap-2">
                  {STARTS.map((one) => (
                    <Button
                      key={one.name}
                      size="small"
                      onClick={() => {
                        if (isUntouched(blocks, start?.blocks ?? [])) begin(one);
                        else setWished(one);
                      }}
                    >
                      {one.name}
                    </Button>
                  ))}
                </div>
              </div>
            )}
          </Card>
          {blocks.map((block, index) => (
            <Card
              key={block.key}
              title={<span className="capitalize">{block.category || 'Rows'}</span>}
              actions={
                <div className="flex">
                  <IconButton
                    label="Nearer to the front"
                    disabled={index === 0}
                    onClick={() => {
                      swap(index, index - 1);
                    }}
                  >
                    <ArrowUp size={18} aria-hidden />
                  </IconButton>
                  <IconButton
                    label="Further back"
                    disabled={index === blocks.length - 1}
                    onClick={() => {
                      swap(index, index + 1);
                    }}
                  >
                    <ArrowDown size={18} aria-hidden />
                  </IconButton>
                  <IconButton
                    label="Remove these rows"
                    onClick={() => {
                      remove(index);
                    }}
                  >
                    <Trash2 size={18} aria-hidden />
                  </IconButton>
                </div>
              }
            >
              <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
                <div className="col-span-2">
                  <TextField
                    label="Category"
                    required
                    maxLength={20}
                    value={block.category}
                    onChange={(event) => {
                      change(index, { category: event.target.value });
                    }}
                  />
                </div>
                <NumberField
                  label="Rows"
                  value={block.rows}
                  onValue={(rows) => {
                    change(index, { rows });
                  }}
                />
                <NumberField
                  label="Seats a row"
                  value={block.seats}
                  onValue={(seats) => {
                    change(index, { seats });
                  }}
                />
                <div className="col-span-2">
                  <TextField
                    label="Aisles after seats"
                    placeholder="4, 12"
                    value={block.aisles}
                    error={strange(block.aisles, block.seats - 1, block.seats)}
                    onChange={(event) => {
                      change(index, { aisles: event.target.value });
                    }}
                  />
                </div>
                <div className="col-span-2">
                  <TextField
                    label="Accessible seats"
                    placeholder="1, 2"
                    hint="Of the first of these rows."
                    value={block.accessible}
                    error={strange(block.accessible, block.seats, block.seats)}
                    onChange={(event) => {
                      change(index, { accessible: event.target.value });
                    }}
                  />
                </div>
              </div>
            </Card>
          ))}
          <div ref={adding} className="justify-self-start">
            <Button
              onClick={() => {
                const last = blocks.at(-1);
                setBlocks([
                  ...blocks,
                  keyed({
                    category: 'new',
                    rows: 3,
                    seats: last?.seats ?? 14,
                    aisles: last?.aisles ?? '',
                    accessible: '',
                  }),
                ]);
              }}
            >
              <Plus size={18} aria-hidden /> More rows
            </Button>
          </div>
        </div>
        <div className="lg:sticky lg:top-20">
          <Card title={count(seats, 'seat')}>
            <MiniPlan plan={plan} className="max-h-[60dvh]" />
            <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1">
              {plan.categories.map((category, index) => (
                <li key={category} className="flex items-center gap-2">
                  <span
                    className="size-3.5 rounded-full"
                    style={{ backgroundColor: `var(--cat-${String(index % 6)})` }}
                    aria-hidden
                  />
                  <span className="capitalize">{category}</span>
                  <span className="text-soft">
                    {layout.rows
                      .filter((row) => row.category === category)
                      .reduce((total, row) => total + row.seats, 0)}
                  </span>
                </li>
              ))}
              {accessible > 0 && (
                <li className="flex items-center gap-2">
                  <span className="size-3.5 rounded-full border-4 border-soft" aria-hidden />
                  <span>Accessible</span>
                  <span className="text-soft">{accessible}</span>
                </li>
              )}
            </ul>
          </Card>
        </div>
      </div>
      <Unsaved values={[name, layout]} save={save} />
      {wished && (
        <Sure
          title={`Begin with ${wished.name.toLowerCase()}?`}
          verb="Start over"
          act={{
            mutate: () => {
              begin(wished);
            },
          }}
          onClose={() => {
            setWished(null);
          }}
        >
          It replaces the rows that you have changed.
        </Sure>
      )}
    </form>
  );
}
