import { ArrowLeft, Camera, CameraOff, CheckCircle2, Volume2, VolumeX, Wifi, WifiOff, XCircle } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { DOOR } from '../admin/access';
import { idIn } from '../api/keys/ids';
import type { Door } from '../api/types';
import { screenName } from '../catalogue/names';
import { Button, IconButton } from '../design/button';
import { TextField } from '../design/field';
import { ago, when } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Empty, Failed, Lines, Note } from '../design/notices';
import { say } from '../design/toast';
import { w } from '../i18n/work/texts';
import { DoorChoice } from './choice';
import { lastScreening, quiet } from './device';
import { Eye } from './eye';
import { found, type Guest, type Party } from './guests';
import { PartyCard } from './party';
import { signal } from './signals';
import { useDoor, type DoorState, type Verdict } from './use-door';
import { conflictInWords, problemInWords, refusalInWords } from './words';

/** The same code in front of the camera is one guest, not ten: it is read again only after this, in milliseconds. */
const AGAIN_MS = 4_000;
/** Parties of the list that are shown at once. */
const SHOWN_MAX = 50;

export default function DoorPage() {
  useTitle(w.door.page);
  return (
    <RequireAccount roles={DOOR}>
      <div className="page max-w-xl py-6 lg:max-w-6xl">
        <Doors />
      </div>
    </RequireAccount>
  );
}

function Doors() {
  const [params, setParams] = useSearchParams();
  // A phone that was reloaded, or ran out of battery, comes back to its door.
  const asked = params.get('screening');
  const screening = idIn(asked ?? (params.has('choose') ? null : lastScreening.read()));
  const choose = (id: string | null) => {
    lastScreening.write(id ?? '');
    setParams(id ? { screening: id } : { choose: '' }, { replace: true });
  };
  if (!screening) return <DoorChoice onDoor={choose} />;
  return (
    <AtDoor
      key={screening}
      screening={screening}
      onLeave={() => {
        choose(null);
      }}
    />
  );
}

function AtDoor({ screening, onLeave }: { screening: string; onLeave: () => void }) {
  const state = useDoor(screening);
  const { door, counts } = state;
  useEffect(() => {
    lastScreening.write(screening);
  }, [screening]);
  if (!door)
    return (
      <>
        <Button onClick={onLeave} className="mb-6">
          <ArrowLeft size={18} aria-hidden /> {w.door.other}
        </Button>
        {state.error ? <Failed error={state.error} retry={state.retry} /> : <Lines />}
      </>
    );
  const { show_title, starts_at, timezone, venue_name, screen_name } = door.screening;
  return (
    <>
      <div className="mb-4 flex items-start gap-2">
        <IconButton label={w.door.other} onClick={onLeave} className="-ml-2">
          <ArrowLeft size={22} aria-hidden />
        </IconButton>
        <div className="min-w-0 flex-1">
          <h1 className="text-2xl leading-tight wrap-anywhere sm:text-3xl">{show_title}</h1>
          <p className="text-soft">
            {when(starts_at, 'full', timezone)}, {screenName(screen_name)}, {venue_name}
          </p>
        </div>
        <p className="numbers shrink-0 text-right leading-none">
          <span className="marquee block text-4xl">{counts.inside}</span>
          <span className="text-sm text-soft">{w.door.inOf(counts.all)}</span>
        </p>
      </div>
      <Connection state={state} />
      <Conflicts state={state} timezone={timezone} />
      <Desk state={state} door={door} />
    </>
  );
}

/** Whether the list is fresh, and what is not reported yet. */
function Connection({ state }: { state: DoorState }) {
  const now = useNow(10_000);
  const { reachable, fetched, pending } = state;
  const [silenced, setSilenced] = useState(quiet.read() === 'yes');
  const age = fetched === null ? null : ago(new Date(fetched).toISOString(), now);
  return (
    <div className="mb-4 flex min-h-11 items-center gap-2">
      <p
        role="status"
        className={[
          'flex min-w-0 flex-1 items-center gap-2 rounded-xl px-3 py-2 text-sm font-medium',
          reachable ? 'text-soft' : 'bg-warn-wash text-warn',
        ].join(' ')}
      >
        {reachable ? <Wifi size={18} aria-hidden /> : <WifiOff size={18} className="shrink-0" aria-hidden />}
        <span>
          {reachable ? w.door.list(age ?? w.door.listNow) : w.door.offline(age ?? w.door.listBefore)}
          {pending.length > 0 && ` ${w.door.unreported(pending.length)}`}
        </span>
      </p>
      <IconButton
        label={silenced ? w.door.soundOn : w.door.soundOff}
        onClick={() => {
          quiet.write(silenced ? 'no' : 'yes');
          setSilenced(!silenced);
        }}
      >
        {silenced ? <VolumeX size={20} aria-hidden /> : <Volume2 size={20} aria-hidden />}
      </IconButton>
    </div>
  );
}

function Conflicts({ state, timezone }: { state: DoorState; timezone: string }) {
  if (state.conflicts.length === 0) return null;
  return (
    <section aria-label={w.door.conflicts} className="mb-4 grid gap-2">
      {state.conflicts.map((conflict) => (
        <Note key={`${conflict.booking_id} ${conflict.seat}`} tone="bad">
          <p>{conflictInWords(conflict, timezone)}</p>
          <Button
            size="small"
            className="mt-2"
            aria-label={w.door.seenSeat(conflict.seat)}
            onClick={() => void state.dismiss(conflict)}
          >
            {w.door.seen}
          </Button>
        </Note>
      ))}
    </section>
  );
}

/** A party as the list has it, with the guests who came in since the list was fetched. */
function current(party: Party, parties: readonly Party[]): Party {
  const listed = parties.find(({ booking_id }) => booking_id === party.booking_id);
  if (!listed) return party;
  const admitted = new Map(party.guests.map((guest) => [guest.seat, guest]));
  return {
    ...listed,
    guests: listed.guests.map((guest) => (guest.checked_in_at ? guest : (admitted.get(guest.seat) ?? guest))),
  };
}

function Desk({ state, door }: { state: DoorState; door: Door }) {
  const { timezone } = door.screening;
  const [text, setText] = useState('');
  const [filter, setFilter] = useState<'all' | 'out'>('all');
  const [seeing, setSeeing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [verdict, setVerdict] = useState<{ at: number; verdict: Verdict } | null>(null);
  const field = useFieldForScanners();
  const answer = useRef<HTMLDivElement>(null);
  // A guest who is admitted from the list below has the answer in sight, too.
  useEffect(() => {
    if (verdict) answer.current?.scrollIntoView({ block: 'nearest' });
  }, [verdict]);
  const working = useRef(false);

  const decide = async (act: () => Promise<Verdict>) => {
    if (working.current) return;
    working.current = true;
    setBusy(true);
    try {
      const next = await act();
      setVerdict({ at: performance.now(), verdict: next });
      if (next.kind !== 'choose') signal(next.kind === 'admitted' ? 'admitted' : 'refused');
    } finally {
      working.current = false;
      setBusy(false);
    }
  };
  const check = useRef<(text: string) => void>(() => undefined);
  useEffect(() => {
    check.current = (code: string) => void decide(() => state.check(code));
  });
  const last = useRef({ text: '', at: 0 });
  const seen = useCallback((code: string) => {
    const now = performance.now();
    if (code === last.current.text && now - last.current.at < AGAIN_MS) return;
    last.current = { text: code, at: now };
    check.current(code);
  }, []);
  const admit = (party: Party, seats: string[]) => void decide(() => state.admitSeats(party, seats));
  const undo = async (guest: Guest) => {
    const why = await state.undo(guest);
    setVerdict(null);
    say(why ?? w.door.undone(guest.seat), why ? 'bad' : 'good');
  };
  const shown = found(state.parties, text).filter(
    ({ guests }) => filter === 'all' || guests.some(({ checked_in_at }) => !checked_in_at),
  );
  const card = (party: Party) => (
    <PartyCard
      key={party.booking_id}
      party={current(party, state.parties)}
      timezone={timezone}
      busy={busy}
      onAdmit={admit}
      onUndo={(guest) => void undo(guest)}
    />
  );
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)]">
      <div className="grid gap-4">
        <div ref={answer} aria-live="assertive" className="grid scroll-mt-20 gap-3 empty:hidden">
          {verdict && <Outcome key={verdict.at} verdict={verdict.verdict} door={door} card={card} />}
        </div>
        <div className="grid gap-4 rounded-3xl bg-card p-4 shadow-card sm:p-5">
          {seeing && (
            <Eye
              onCode={seen}
              onFail={() => {
                setSeeing(false);
              }}
            />
          )}
          <Button
            size="large"
            look={seeing ? 'plain' : 'gold'}
            onClick={() => {
              setSeeing(!seeing);
            }}
          >
            {seeing ? <CameraOff size={20} aria-hidden /> : <Camera size={20} aria-hidden />}{' '}
            {seeing ? w.door.stop : w.door.scan}
          </Button>
          <form
            className="grid gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              const typed = text.trim();
              setText('');
              if (typed) check.current(typed);
            }}
          >
            <TextField
              ref={field}
              label={w.door.field}
              hint={w.door.fieldHint}
              autoComplete="off"
              spellCheck={false}
              enterKeyHint="go"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
            />
            <Button type="submit" busy={busy}>
              {w.door.check}
            </Button>
          </form>
        </div>
      </div>
      <section aria-label={w.door.guests}>
        <div className="mb-3 flex items-center justify-between gap-3">
          <h2 className="text-2xl">{w.door.guests}</h2>
          <div role="group" aria-label={w.door.whichGuests} className="flex gap-1 rounded-full bg-sunk p-1">
            {(['all', 'out'] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={filter === one}
                className={[
                  'min-h-10 rounded-full px-4 font-semibold',
                  filter === one ? 'bg-card shadow-card' : 'text-soft hover:text-ink',
                ].join(' ')}
                onClick={() => {
                  setFilter(one);
                }}
              >
                {one === 'all' ? w.door.all : w.door.out}
              </button>
            ))}
          </div>
        </div>
        {shown.length === 0 && (
          <Empty title={state.parties.length === 0 ? w.door.nobody : text ? w.door.noMatch : w.door.everybody} />
        )}
        <div className="grid items-start gap-3 xl:grid-cols-2">{shown.slice(0, SHOWN_MAX).map(card)}</div>
        {shown.length > SHOWN_MAX && (
          <p className="mt-4 text-center text-soft">{w.door.more(shown.length - SHOWN_MAX)}</p>
        )}
      </section>
    </div>
  );
}

/**
 * The field that hardware scanners type into. It takes what is typed while no other field has the focus, so that a tap
 * somewhere else does not lose a ticket, and a phone's keyboard stays away until the field is tapped.
 */
function useFieldForScanners() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (typing || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === ' ')
        return;
      field.current?.focus({ preventScroll: true });
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
    };
  }, []);
  return field;
}

function Outcome({ verdict, door, card }: { verdict: Verdict; door: Door; card: (party: Party) => React.ReactNode }) {
  switch (verdict.kind) {
    case 'choose':
      return verdict.parties.slice(0, SHOWN_MAX).map(card);
    case 'admitted': {
      const { party, seats, reported } = verdict;
      return (
        <>
          <div className="pop grid justify-items-center gap-1 rounded-3xl bg-good p-6 text-center text-ground">
            <CheckCircle2 size={48} aria-hidden />
            <p className="marquee text-6xl">
              {seats.map((seat, index) => (
                <span key={seat}>
                  <span className="whitespace-nowrap">{index < seats.length - 1 ? `${seat},` : seat}</span>{' '}
                </span>
              ))}
            </p>
            {party.name && <p className="max-w-full text-xl font-semibold wrap-anywhere">{party.name}</p>}
            {!reported && <p>{w.door.onDevice}</p>}
          </div>
          {card(party)}
        </>
      );
    }
    case 'refused':
      return (
        <>
          <Refused text={refusalInWords(verdict.refusal, door)} />
          {verdict.refusal.why === 'already-used' && card(verdict.refusal.party)}
        </>
      );
    case 'problem':
      return <Refused text={problemInWords(verdict.problem)} />;
  }
}

function Refused({ text }: { text: string }) {
  return (
    <div className="shake grid justify-items-center gap-2 rounded-3xl bg-bad p-6 text-center text-ground">
      <XCircle size={48} aria-hidden />
      <p className="text-xl font-semibold">{text}</p>
    </div>
  );
}
