import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, History, Mail, PencilLine, ScanLine, Ticket } from 'lucide-react';
import { lazy, Suspense, useState, type FormEvent } from 'react';
import { Link, useParams } from 'react-router';

import { command, getFile } from '../../api/client';
import { reading, outdated } from '../../api/queries';
import type { Block, Screening, SeatMap } from '../../api/types';
import { useKey } from '../../api/keys/use-key';
import { useUser } from '../../api/session/use-session';
import { download } from '../../booking/tickets/download';
import { screenName } from '../../catalogue/names';
import { Button, ButtonLink } from '../../design/button';
import { TextField } from '../../design/field';
import { when, whenInYear } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Lines, Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { useSeatMap } from '../../seats/map/live';
import { usePlan } from '../../seats/map/use-plan';
import { seatList } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Sure, Title } from '../parts';
import { ADMIN, DESK, HOUSE, isAllowed } from '../access';
import { ReleaseField } from '../release-field';
import { releaseAt } from '../releases';
import { MessageDialog } from './message-dialog';
import { RowChoice } from './row-choice';
import { StaffMap } from './staff-map';
import { useSeats } from './use-seats';

const ChangeDialog = lazy(() =>
  import('../schedule/screening/change-dialog').then((file) => ({ default: file.ChangeDialog })),
);

/** A screening for the staff: the seats that the house keeps back, and the lists of guests. */
export default function ScreeningDesk() {
  const { id = '' } = useParams();
  const screening = useQuery(reading(`/screenings/${id}`));
  useTitle(screening.data?.show_title);
  const role = useUser()?.role;
  const now = useNow(3_600_000);
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
                  <Ticket size={18} aria-hidden /> {w.screening.sell}
                </ButtonLink>
                <ButtonLink to={`/check-in?screening=${id}`}>
                  <ScanLine size={18} aria-hidden /> {w.screening.door}
                </ButtonLink>
                <GuestList screening={one} />
                {isAllowed(role, HOUSE) && one.status === 'active' && (
                  <Button
                    onClick={() => {
                      setChanging(true);
                    }}
                  >
                    <PencilLine size={18} aria-hidden /> {w.screening.change}
                  </Button>
                )}
                {isAllowed(role, DESK) && (
                  <Button
                    onClick={() => {
                      setWriting(true);
                    }}
                  >
                    <Mail size={18} aria-hidden /> {w.screening.write}
                  </Button>
                )}
                {isAllowed(role, ADMIN) && (
                  <ButtonLink look="quiet" to={`/admin/time-travel/${id}`}>
                    <History size={18} aria-hidden /> {w.house.history}
                  </ButtonLink>
                )}
              </>
            }
          >
            {one.show_title}
          </Title>
          <p className="-mt-4 mb-5 text-soft">
            {whenInYear(one.starts_at, 'full', now, one.timezone)}, {screenName(one.screen_name)}, {one.venue_name}
          </p>
          {one.status !== 'active' && (
            <Note tone="warn" className="mb-5">
              {t.seats.screeningCancelled}
            </Note>
          )}
          <Seats screening={one} />
          {changing && (
            <Suspense>
              <ChangeDialog
                screening={one}
                onClose={() => {
                  setChanging(false);
                }}
              />
            </Suspense>
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
      download(file, `${w.screening.guestsFile(screening.show_title, screening.starts_at.slice(0, 10))}.${form}`);
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
      <Download size={18} aria-hidden /> {w.screening.guests(form.toUpperCase())}
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
  const release_at = releaseAt(screening.starts_at, hours);
  const keep = useMutation({
    mutationFn: () => {
      const body = { seats: [...seats], reason: reason.trim(), ...(release_at && { release_at }) };
      return key.run(body, (text) => command('POST', `/screenings/${id}/blocks`, { body, key: text }));
    },
    onSuccess: () => {
      say(w.screening.kept(seats.length), 'good');
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
      say(w.screening.onSale(block.seats.length), 'good');
      return outdated(`/screenings/${id}`, '/screenings');
    },
  });
  const kept = new Set(blocks.data?.items.flatMap((block) => block.seats) ?? []);
  const fresh = seats.filter((seat) => !kept.has(seat));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  // A refusal was about the seats that were chosen then.
  const forgetting = (choosing: () => void) => {
    if (keep.isError) keep.reset();
    choosing();
  };
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="h-[52dvh] min-h-80 overflow-hidden rounded-3xl bg-sunk/60 lg:h-[calc(100dvh-14rem)]">
        <StaffMap
          map={map}
          plan={plan}
          seats={seats}
          onSeat={(seat) => {
            forgetting(() => {
              toggle(seat);
            });
          }}
        />
      </div>
      <div className="grid gap-5">
        <Card title={w.screening.keepBack}>
          <div className="mb-4">
            <RowChoice
              map={map}
              seats={seats}
              onSeats={(next) => {
                forgetting(() => {
                  choose(next);
                });
              }}
            />
          </div>
          {seats.length === 0 ? (
            <p className="text-soft">{w.screening.choose}</p>
          ) : fresh.length < seats.length ? (
            <div className="grid justify-items-start gap-3">
              <p className="marquee text-2xl wrap-anywhere">{seatList(seats)}</p>
              <p className="text-soft">{w.screening.keptAlready}</p>
              <Button
                onClick={() => {
                  forgetting(clear);
                }}
              >
                {w.screening.clear}
              </Button>
            </div>
          ) : (
            <form className="grid gap-4" onSubmit={submit}>
              <p className="marquee text-2xl wrap-anywhere">{seatList(seats)}</p>
              <TextField
                label={w.screening.why}
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
                {w.screening.reasons.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
              <ReleaseField startsAt={screening.starts_at} hours={hours} onChange={setHours} />
              <Refused error={keep.error} />
              <div className="grid grid-cols-2 gap-3">
                <Button
                  onClick={() => {
                    forgetting(clear);
                  }}
                >
                  {w.screening.clear}
                </Button>
                <Button type="submit" look="gold" busy={keep.isPending} disabled={!reason.trim() || keep.isPending}>
                  {w.screening.keep}
                </Button>
              </div>
            </form>
          )}
        </Card>
        <Card title={w.screening.houseSeats}>
          <Answer of={blocks}>
            {({ items }) =>
              items.length === 0 ? (
                <p className="text-soft">{w.screening.allOnSale}</p>
              ) : (
                <ul className="grid gap-3">
                  {items.map((block) => (
                    <li key={block.block_id} className="rounded-2xl bg-sunk p-4">
                      <p className="font-semibold wrap-anywhere">{block.reason}</p>
                      <p className="marquee text-xl wrap-anywhere">{seatList(block.seats)}</p>
                      {block.awaited.length > 0 && (
                        <p className="text-sm">{w.screening.awaited(seatList(block.awaited))}</p>
                      )}
                      <GuestsOf block={block} />
                      {block.of_screen && <p className="text-sm text-soft">{w.screening.ofScreen}</p>}
                      <p className="mb-3 text-sm text-soft">
                        {block.release_at
                          ? w.screening.againAt(when(block.release_at, 'full', screening.timezone))
                          : w.screening.byHand}
                      </p>
                      <div className="flex flex-wrap gap-2">
                        <Button
                          size="small"
                          aria-label={w.house.of(w.screening.release, seatList(block.seats))}
                          onClick={() => {
                            release.reset();
                            setReleasing(block);
                          }}
                        >
                          {w.screening.release}
                        </Button>
                        <Button
                          size="small"
                          look="quiet"
                          aria-label={w.house.of(w.screening.show, seatList(block.seats))}
                          onClick={() => {
                            forgetting(() => {
                              choose(block.seats);
                            });
                          }}
                        >
                          {w.screening.show}
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
          title={w.screening.sure}
          verb={w.screening.release}
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
          {w.screening.atOnce(seatList(releasing.seats))}
        </Sure>
      )}
    </div>
  );
}

/** Those who have seats that the house awaits: by their bookings, which the desk may open. */
function GuestsOf({ block }: { block: Block }) {
  const mayOpen = isAllowed(useUser()?.role, DESK);
  if (block.guests.length === 0) return null;
  return (
    <ul className="grid gap-1 text-sm">
      {block.guests.map(({ booking_id: id, reference, seats, paid }) => (
        <li key={id}>
          {mayOpen ? (
            <Link className="link numbers" to={`/admin/desk/${id}`}>
              {reference}
            </Link>
          ) : (
            <span className="numbers">{reference}</span>
          )}{' '}
          {seatList(seats)} {!paid && w.keeping.unpaid}
        </li>
      ))}
    </ul>
  );
}
