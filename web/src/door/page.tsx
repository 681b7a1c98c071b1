import { useMutation, useQuery } from '@tanstack/react-query';
import { Camera, CameraOff, CheckCircle2, XCircle } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';

import { RequireAccount } from '../../account/require-account';
import { command, newKey } from '../../api/client';
import { Problem } from '../../api/problem';
import { outdated, reading, wholeList } from '../../api/queries';
import type { CheckIn } from '../../api/types';
import { isBookingNumber } from '../../booking/number';
import { Button } from '../../design/button';
import { SelectField, TextField } from '../../design/field';
import { calendarDay, dayAfter, dayName, when } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Note } from '../../design/notices';
import { say } from '../../design/toast';

/** The same code in front of the camera is one guest, not ten: it is read again only after this, in milliseconds. */
const AGAIN_MS = 4_000;
/** Between two looks of the camera, in milliseconds. */
const LOOK_MS = 200;

export default function CheckInPage() {
  useTitle('Check-in');
  return (
    <RequireAccount roles={['staff', 'admin']}>
      <Door />
    </RequireAccount>
  );
}

function Door() {
  const [door, setDoor] = useState('');
  const [code, setCode] = useState('');
  const [seeing, setSeeing] = useState(false);
  const check = useMutation({
    mutationFn: (text: string) =>
      command('POST', '/check-ins', {
        body: {
          ...(isBookingNumber(text) ? { reference: text } : { code: text }),
          ...(door && { screening_id: door }),
        },
        key: newKey(),
      }),
  });
  const undo = useMutation({
    mutationFn: (id: string) => command('DELETE', `/check-ins/${encodeURIComponent(id)}`),
    onSuccess: () => {
      check.reset();
      say('The check-in is undone. The ticket can be used again.', 'good');
      return outdated('/screenings');
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  const { mutate } = check;
  const last = useRef({ text: '', at: 0 });
  const seen = useCallback(
    (text: string) => {
      const now = performance.now();
      if (text === last.current.text && now - last.current.at < AGAIN_MS) return;
      last.current = { text, at: now };
      mutate(text);
    },
    [mutate],
  );
  const screening = door || check.data?.screening.screening_id;
  const { mutate: takeBack } = undo;
  const checkIn = check.error ? undefined : check.data?.check_in_id;
  const counts = useQuery({
    ...reading(`/screenings/${screening ?? ''}/check-ins`),
    enabled: Boolean(screening),
    retry: false,
  });
  return (
    <div className="page max-w-xl py-8">
      <h1 className="mb-6 text-4xl sm:text-5xl">Check-in</h1>
      <DoorChoice
        door={door}
        onDoor={(next) => {
          check.reset();
          setDoor(next);
        }}
      />
      <div aria-live="assertive">
        {(check.data || check.error) && <Verdict key={check.submittedAt} answer={check.data} error={check.error} />}
      </div>
      {checkIn && (
        <div className="mb-5 text-center">
          <Button
            busy={undo.isPending}
            onClick={() => {
              takeBack(checkIn);
            }}
          >
            Undo this check-in
          </Button>
        </div>
      )}
      {counts.data && (
        <p className="numbers mb-5 text-center text-lg text-soft">
          {counts.data.checked_in} in of {counts.data.sold}
        </p>
      )}
      <div className="grid gap-5 rounded-3xl bg-card p-5 shadow-card sm:p-6">
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
          {seeing ? 'Stop the camera' : 'Scan with the camera'}
        </Button>
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            mutate(code.trim());
            setCode('');
          }}
        >
          <TextField
            label="Or type the code or the booking number"
            hint={door ? 'A booking number admits everybody of the booking.' : undefined}
            required
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            value={code}
            onChange={(event) => {
              setCode(event.target.value);
            }}
          />
          <Button type="submit" busy={check.isPending}>
            Check in
          </Button>
        </form>
      </div>
    </div>
  );
}

/** Screenings of a door: those that ended less than this ago, or begin within a day, in milliseconds. */
const AHEAD_MS = 24 * 3_600_000;

/** Choice of the screening behind the door, so that tickets of other days and houses are refused. */
function DoorChoice({ door, onDoor }: { door: string; onDoor: (door: string) => void }) {
  const now = useNow(60_000);
  const today = calendarDay(now);
  const days = [dayAfter(today, -1), today, dayAfter(today, 1)];
  const [before, on, after] = [
    useQuery(wholeList('/screenings', { date: days[0], status: 'active' })),
    useQuery(wholeList('/screenings', { date: days[1], status: 'active' })),
    useQuery(wholeList('/screenings', { date: days[2], status: 'active' })),
  ];
  const near = [before, on, after]
    .flatMap(({ data }) => data ?? [])
    .filter((one) => Date.parse(one.ends_at) > now && Date.parse(one.starts_at) < now + AHEAD_MS);
  const venues = [...new Set(near.map((one) => `${one.venue_name}, ${one.city}`))].sort((a, b) => a.localeCompare(b));
  return (
    <div className="mb-5">
      <SelectField
        label="Which screening?"
        hint={door ? undefined : 'Choose one, so that tickets of other days and venues are refused.'}
        value={door}
        onChange={({ target }) => {
          onDoor(target.value);
        }}
      >
        <option value="">Any screening</option>
        {venues.map((venue) => (
          <optgroup key={venue} label={venue}>
            {near
              .filter((one) => `${one.venue_name}, ${one.city}` === venue)
              .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))
              .map((one) => (
                <option key={one.screening_id} value={one.screening_id}>
                  {when(one.starts_at, 'time', one.timezone)}, {one.screen_name}: {one.show_title}
                </option>
              ))}
          </optgroup>
        ))}
      </SelectField>
    </div>
  );
}

/** Describes the screening of a ticket that was shown at another door. */
function otherScreening({ members }: Problem): string {
  const { screening } = members;
  if (typeof screening !== 'object' || screening === null) return '';
  const { starts_at: starts, venue, screen } = screening as Record<string, unknown>;
  if (typeof starts !== 'string' || typeof venue !== 'string') return '';
  // The API sends it with the venue's offset, so its digits are the venue's local time.
  const day = dayName(starts.slice(0, 10), 'short-day');
  return ` It is for ${day}, ${starts.slice(11, 16)}, ${venue}, ${String(screen)}.`;
}

function Verdict({ answer, error }: { answer: CheckIn | undefined; error: Error | null }) {
  const isGood = answer !== undefined && !error;
  useEffect(() => {
    // Felt without looking: one short buzz is a guest who comes in, two long ones are a question. Not every device has it.
    (navigator as Partial<Navigator>).vibrate?.(isGood ? 120 : [250, 100, 250]);
  }, [isGood]);
  if (answer && !error) {
    const { show, screening } = answer;
    return (
      <div className="pop mb-5 grid justify-items-center gap-2 rounded-3xl bg-good p-8 text-center text-ground">
        <CheckCircle2 size={52} aria-hidden />
        <p className="marquee text-6xl">{answer.admitted.map(({ seat }) => seat).join(', ')}</p>
        <p className="max-w-full text-lg font-semibold wrap-anywhere">{show.title}</p>
        {/* The API sends it with the venue's offset, so its digits are the venue's local time. */}
        <p>
          {dayName(screening.starts_at.slice(0, 10), 'short-day')}, {screening.starts_at.slice(11, 16)},{' '}
          {screening.screen}
        </p>
      </div>
    );
  }
  const problem = error instanceof Problem ? error : null;
  const other = problem?.slug === 'other-screening' ? otherScreening(problem) : '';
  const used =
    problem?.slug === 'already-used' && typeof problem.members.used_at === 'string'
      ? ` It came in ${when(problem.members.used_at, 'full')}.`
      : '';
  const text = problem?.notOffered
    ? 'This installation does not check tickets yet.'
    : problem?.status === 404
      ? 'This is not a ticket or a booking of ours.'
      : problem?.errors.some(({ pointer }) => pointer === '/screening_id')
        ? 'Choose the screening first: a booking number does not say which it is for.'
        : problem?.status === 422
          ? 'This is not a whole code. Try again.'
          : error?.message;
  return (
    <div className="shake mb-5 grid justify-items-center gap-2 rounded-3xl bg-bad p-8 text-center text-ground">
      <XCircle size={52} aria-hidden />
      <p className="text-xl font-semibold">
        {text}
        {used}
        {other}
      </p>
    </div>
  );
}

/** The camera, looked through a few times a second. Nothing of the picture leaves the device. */
function Eye({ onCode, onFail }: { onCode: (text: string) => void; onFail: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setInterval> | undefined;
    let stopped = false;
    const start = async () => {
      try {
        const got = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
        stream = got;
        const element = video.current;
        const { default: read } = await import('jsqr');
        if (stopped || !element) {
          for (const track of got.getTracks()) track.stop();
          return;
        }
        element.srcObject = got;
        await element.play();
        const canvas = document.createElement('canvas');
        const context = canvas.getContext('2d', { willReadFrequently: true });
        timer = setInterval(() => {
          if (!context || element.videoWidth === 0) return;
          canvas.width = element.videoWidth;
          canvas.height = element.videoHeight;
          context.drawImage(element, 0, 0);
          const picture = context.getImageData(0, 0, canvas.width, canvas.height);
          const found = read(picture.data, picture.width, picture.height);
          if (found?.data) onCode(found.data);
        }, LOOK_MS);
      } catch {
        setError('The camera cannot be used here. Allow it in the browser, or type the code.');
      }
    };
    void start();
    return () => {
      stopped = true;
      clearInterval(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [onCode]);
  if (error)
    return (
      <div className="grid gap-3">
        <Note tone="warn">{error}</Note>
        <Button onClick={onFail}>Close</Button>
      </div>
    );
  return <video ref={video} playsInline muted className="aspect-square w-full rounded-2xl bg-black object-cover" />;
}
