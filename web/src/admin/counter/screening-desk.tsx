import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, Mail, PencilLine, ScanLine, Ticket } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useParams } from 'react-router';

import { command, getFile } from '../../api/client';
import { reading, outdated } from '../../api/queries';
import type { Block, Screening, SeatMap } from '../../api/types';
import { useKey } from '../../api/keys/use-key';
import { useUser } from '../../api/session/use-session';
import { download } from '../../booking/tickets/download';
import { Button, ButtonLink } from '../../design/button';
import { SelectField, TextField } from '../../design/field';
import { count, when } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Lines, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { useSeatMap } from '../../seats/map/live';
import { usePlan } from '../../seats/map/use-plan';
import { Answer, Card, Sure, Title } from '../parts';
import { DESK, HOUSE, isAllowed } from '../access';
import { ChangeDialog } from '../schedule/change-dialog';
import { MessageDialog } from './message-dialog';
import { StaffMap } from './staff-map';
import { useSeats } from './use-seats';

/** Hours before the start at which seats may be released by themselves. */
const RELEASES = [
  { hours: 0, text: 'By hand only' },
  { hours: 1, text: '1 hour before the start' },
  { hours: 2, text: '2 hours before the start' },
  { hours: 24, text: 'A day before the start' },
  { hours: 72, text: 'Three days before the start' },
];

/** A screening for the staff: the seats that the house keeps back, and the lists of guests. */
export default function ScreeningDesk() {
  const { id = '' } = useParams();
  const screening = useQuery(reading(`/screenings/${id}`));
  useTitle(screening.data?.show_title);
  const role = useUser()?.role;
  const [writing, setWriting] = useState(false);
  const [changing, setChanging] = useState(false);
  return (
    <Answer of={screening}>
      {(one) => (
        <>
          <Title
            actions={
              <>
                <ButtonLink to={`/admin/box-office?screening=${id}`}>
                  <Ticket size={18} aria-hidden /> Sell
                </ButtonLink>
                <ButtonLink to={`/check-in?screening=${id}`}>
                  <ScanLine size={18} aria-hidden /> Door
                </ButtonLink>
                <GuestList screening={one} />
                {isAllowed(role, HOUSE) && one.status === 'active' && (
                  <Button
                    onClick={() => {
                      setChanging(true);
                    }}
                  >
                    <PencilLine size={18} aria-hidden /> Change
                  </Button>
                )}
                {isAllowed(role, DESK) && (
                  <Button
                    onClick={() => {
                      setWriting(true);
                    }}
                  >
                    <Mail size={18} aria-hidden /> Write to all
                  </Button>
                )}
              </>
            }
          >
            {one.show_title}
          </Title>
          <p className="-mt-4 mb-5 text-soft">
            {when(one.starts_at, 'full', one.timezone)}, {one.screen_name}, {one.venue_name}
          </p>
          <Seats screening={one} />
          {changing && (
            <ChangeDialog
              screening={one}
              onClose={() => {
                setChanging(false);
              }}
            />
          )}
          {writing && (
            <MessageDialog
              screening={one}
              onClose={() => {
                setWriting(false);
              }}
            />
          )}
        </>
      )}
    </Answer>
  );
}

/** The list of guests, to print or for a spreadsheet. */
function GuestList({ screening }: { screening: Screening }) {
  const fetched = useMutation({
    mutationFn: (form: 'pdf' | 'csv') =>
      getFile(`/screenings/${screening.screening_id}/guests`, form === 'pdf' ? 'application/pdf' : 'text/csv'),
    onSuccess: (file, form) => {
      download(file, `guests ${screening.show_title} ${screening.starts_at.slice(0, 10)}.${form}`);
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (['pdf', 'csv'] as const).map((form) => (
    <Button
      key={form}
      busy={fetched.isPending && fetched.variables === form}
      disabled={fetched.isPending}
      onClick={() => {
        fetched.mutate(form);
      }}
    >
      <Download size={18} aria-hidden /> Guests, {form.toUpperCase()}
    </Button>
  ));
}

function Seats({ screening }: { screening: Screening }) {
  const map = useSeatMap(screening.screening_id);
  if (!map.data) return map.error ? <Refused error={map.error} /> : <Lines />;
  return <HouseSeats screening={screening} map={map.data} />;
}

function HouseSeats({ screening, map }: { screening: Screening; map: SeatMap }) {
  const id = screening.screening_id;
  const plan = usePlan(map);
  const { seats, toggle, clear, choose } = useSeats(map);
  const blocks = useQuery({ ...reading(`/screenings/${id}/blocks`), retry: false });
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState(0);
  const [releasing, setReleasing] = useState<Block | null>(null);
  const key = useKey();
  const now = useNow(60_000);
  const starts = Date.parse(screening.starts_at);
  const release_at = hours > 0 ? new Date(starts - hours * 3_600_000).toISOString() : null;
  const keep = useMutation({
    mutationFn: () => {
      const body = { seats: [...seats], reason: reason.trim(), ...(release_at && { release_at }) };
      return key.run(body, (text) => command('POST', `/screenings/${id}/blocks`, { body, key: text }));
    },
    onSuccess: () => {
      say(`${count(seats.length, 'seat')} kept back.`, 'good');
      clear();
      setReason('');
      return outdated(`/screenings/${id}`, '/screenings');
    },
    onError: () => void outdated(`/screenings/${id}`),
  });
  const release = useMutation({
    mutationFn: (block: Block) => command('DELETE', `/screenings/${id}/blocks/${block.block_id}`),
    onSuccess: (_, block) => {
      setReleasing(null);
      say(`${count(block.seats.length, 'seat')} on sale again.`, 'good');
      return outdated(`/screenings/${id}`, '/screenings');
    },
  });
  const kept = new Set(blocks.data?.items.flatMap((block) => block.seats) ?? []);
  const fresh = seats.filter((seat) => !kept.has(seat));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="h-[52dvh] min-h-80 overflow-hidden rounded-3xl bg-sunk/60 lg:h-[calc(100dvh-14rem)]">
        <StaffMap map={map} plan={plan} seats={seats} onSeat={toggle} />
      </div>
      <div className="grid gap-5">
        <Card title="Keep seats back">
          {seats.length === 0 ? (
            <p className="text-soft">
              Choose free seats on the map. Customers cannot book them; the box office can sell or give them away.
            </p>
          ) : fresh.length < seats.length ? (
            <p className="text-soft">Some of these seats are kept back already. Choose free seats only.</p>
          ) : (
            <form className="grid gap-4" onSubmit={submit}>
              <p className="marquee text-2xl wrap-anywhere">{seats.join(', ')}</p>
              <TextField
                label="For whom, or why"
                required
                maxLength={200}
                list="reasons"
                autoComplete="off"
                value={reason}
                onChange={({ target }) => {
                  setReason(target.value);
                }}
              />
              <datalist id="reasons">
                {['Press', 'Sponsor', 'Crew', 'Wheelchair places', 'Group', 'Technical'].map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
              <SelectField
                label="On sale again"
                value={hours}
                onChange={({ target }) => {
                  setHours(Number(target.value));
                }}
              >
                {RELEASES.filter((one) => one.hours === 0 || starts - one.hours * 3_600_000 > now).map((one) => (
                  <option key={one.hours} value={one.hours}>
                    {one.text}
                  </option>
                ))}
              </SelectField>
              <Refused error={keep.error} />
              <div className="grid grid-cols-2 gap-3">
                <Button onClick={clear}>Clear</Button>
                <Button type="submit" look="gold" busy={keep.isPending} disabled={!reason.trim() || keep.isPending}>
                  Keep back
                </Button>
              </div>
            </form>
          )}
        </Card>
        <Card title="House seats">
          <Answer of={blocks}>
            {({ items }) =>
              items.length === 0 ? (
                <p className="text-soft">All seats are on sale.</p>
              ) : (
                <ul className="grid gap-3">
                  {items.map((block) => (
                    <li key={block.block_id} className="rounded-2xl bg-sunk p-4">
                      <p className="font-semibold wrap-anywhere">{block.reason}</p>
                      <p className="marquee text-xl wrap-anywhere">{block.seats.join(', ')}</p>
                      <p className="mb-3 text-sm text-soft">
                        {block.release_at
                          ? `On sale again ${when(block.release_at, 'full', screening.timezone)}`
                          : 'Until they are released by hand'}
                      </p>
                      <div className="flex flex-wrap gap-2">
                        <Button
                          size="small"
                          onClick={() => {
                            setReleasing(block);
                          }}
                        >
                          Release
                        </Button>
                        <Button
                          size="small"
                          look="quiet"
                          onClick={() => {
                            choose(block.seats);
                          }}
                        >
                          Show
                        </Button>
                      </div>
                    </li>
                  ))}
                </ul>
              )
            }
          </Answer>
        </Card>
      </div>
      {releasing && (
        <Sure
          title="Put these seats on sale?"
          verb="Release"
          act={{
            ...release,
            mutate: () => {
              release.mutate(releasing);
            },
          }}
          onClose={() => {
            setReleasing(null);
          }}
        >
          {releasing.seats.join(', ')}: customers can book them at once.
        </Sure>
      )}
    </div>
  );
}
