/**
 * The door of one screening. Each check-in is asked of the API; if that does not answer, the kept list of guests and the
 * signature of the ticket decide, and the check-in is reported once the network is back.
 */

import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { serverNow } from '../api/clock';
import { command } from '../api/client';
import type { Door } from '../api/types';
import { newUuid } from '../api/keys/ids';
import { Problem } from '../api/problem';
import { outdated, reading } from '../api/queries';
import { isBookingNumber } from '../booking/tickets/number';
import { w } from '../i18n/work/texts';
import { looksLikeCode, readCode } from './code';
import { deviceName } from './device';
import {
  admit,
  countsOf,
  found,
  partiesOf,
  timeOf,
  type Guest,
  type Party,
  type Pending,
  type Refusal,
} from './guests';
import { OPEN_MS, paceOf } from './pace';
import { report } from './report';
import { openStore, type Conflict, type DoorStore } from './store';

/** A call that takes longer is decided on this device: people are waiting, in milliseconds. */
const PATIENCE_MS = 4_000;
/** Between two attempts to report, in milliseconds. */
const REPORT_MS = 5_000;

export type Verdict =
  | { kind: 'admitted'; seats: string[]; party: Party; reported: boolean }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'problem'; problem: Error }
  /** A party or several, of whom the staff admit some. */
  | { kind: 'choose'; parties: Party[] };

let opened: Promise<DoorStore> | null = null;

function store(): Promise<DoorStore> {
  return (opened ??= openStore());
}

/** True if the API did not decide, so that the device has to. */
function isSilent(problem: unknown): boolean {
  return problem instanceof Problem && (problem.status === 0 || problem.status >= 500);
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => {
      failed(Problem.unreachable());
    }, PATIENCE_MS);
    answer.then(done, failed).finally(() => {
      clearTimeout(timer);
    });
  });
}

export function useDoor(screening: string) {
  const path = `/screenings/${screening}/door` as const;
  // A page in the background asks for nothing; once it is looked at again, it asks at once.
  const asked = useQuery({
    ...reading(path),
    staleTime: OPEN_MS,
    refetchInterval: ({ state }) => paceOf(state.data, serverNow()),
    retry: 1,
  });
  const [keptDoor, setKeptDoor] = useState<{ door: Door; fetched: number } | null>(null);
  const [pending, setPending] = useState<Pending[]>([]);
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  /** Last call that was not answered, in milliseconds. */
  const [silentAt, setSilentAt] = useState(0);
  const door = asked.data ?? keptDoor?.door ?? null;
  const reachable = silentAt <= asked.dataUpdatedAt && !(asked.error !== null && isSilent(asked.error));

  const reload = useCallback(async () => {
    const at = await store();
    setPending(await at.pending(screening));
    setConflicts(await at.conflicts(screening));
  }, [screening]);

  useEffect(() => {
    void store().then(async (at) => {
      setKeptDoor(await at.list(screening));
      await reload();
    });
  }, [screening, reload]);

  useEffect(() => {
    if (!asked.data || asked.isPlaceholderData) return;
    const list = { door: asked.data, fetched: asked.dataUpdatedAt };
    // A full disk is no reason to close the door.
    void store()
      .then((at) => at.keepList(list))
      .catch(() => undefined);
  }, [asked.data, asked.dataUpdatedAt, asked.isPlaceholderData]);

  // What waits is reported as soon as the network is back, by one attempt at a time.
  const reporting = useRef(false);
  const max = door?.batch_max ?? 100;
  const send = useCallback(async () => {
    if (reporting.current) return;
    reporting.current = true;
    try {
      const reported = await report(await store(), screening, max, async (batch) => {
        const check_ins = batch.map(({ id, booking_id, seat, at }) => ({ id, booking_id, seat, checked_in_at: at }));
        const body = { device: deviceName.read(), check_ins };
        return (await command('POST', `/screenings/${screening}/door/check-ins`, { body })).items;
      });
      if (reported > 0) await outdated(path);
    } catch {
      // Tried again in a moment; the check-ins stay in the queue.
    } finally {
      reporting.current = false;
      await reload();
    }
  }, [screening, max, path, reload]);
  useEffect(() => {
    if (pending.length === 0) return;
    const first = setTimeout(() => void send(), 0);
    const timer = setInterval(() => void send(), REPORT_MS);
    const online = () => void send();
    window.addEventListener('online', online);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
      window.removeEventListener('online', online);
    };
  }, [pending.length, send]);

  const parties = useMemo(() => (door ? partiesOf(door, pending) : []), [door, pending]);

  /** Admits seats of a party on this device. */
  const admitHere = async (party: Party, seats: string[], id: string, sent: boolean): Promise<Verdict> => {
    const at = await store();
    const now = new Date(serverNow()).toISOString();
    for (const seat of seats)
      await at.add({ id, screening_id: screening, booking_id: party.booking_id, seat, at: now, sent });
    await reload();
    return { kind: 'admitted', seats, party, reported: false };
  };

  /** Asks the API, and the device if the API is silent. */
  const ask = async (
    body: { code: string } | { reference: string; seats?: string[] },
    otherwise: (id: string, sent: boolean) => Promise<Verdict>,
  ): Promise<Verdict> => {
    const id = newUuid();
    if (!navigator.onLine) return otherwise(id, false);
    try {
      const answer = await inTime(
        command('POST', '/check-ins', { body: { ...body, screening_id: screening }, key: id }),
      );
      void outdated(path);
      const seats = answer.admitted.map(({ seat }) => seat);
      const known = parties.find(({ booking_id }) => booking_id === answer.booking_id);
      const now = new Date(serverNow()).toISOString();
      const guests: Guest[] = known
        ? known.guests.map((guest) => (seats.includes(guest.seat) ? { ...guest, checked_in_at: now } : guest))
        : answer.admitted.map(({ seat, check_in_id }) => ({
            booking_id: answer.booking_id,
            reference: answer.reference,
            seat,
            ticket_type: 'standard',
            checked_in_at: now,
            check_in_id,
            conflicts: [],
            pending: false,
          }));
      const party = {
        booking_id: answer.booking_id,
        reference: answer.reference,
        name: known?.name ?? null,
        guests: guests.map((guest) => ({
          ...guest,
          check_in_id:
            answer.admitted.find(({ seat }) => seat === guest.seat)?.check_in_id ?? guest.check_in_id ?? null,
        })),
      };
      return { kind: 'admitted', seats, party, reported: true };
    } catch (problem) {
      if (isSilent(problem)) {
        setSilentAt(Date.now());
        return otherwise(id, true);
      }
      return { kind: 'problem', problem: problem instanceof Error ? problem : new Error(String(problem)) };
    }
  };

  /** Admits some seats of a party that was found in the list. */
  const admitSeats = (party: Party, seats: string[]): Promise<Verdict> => {
    const refusal = door && timeOf(door, serverNow());
    return ask({ reference: party.reference, seats }, (id, sent) =>
      refusal ? Promise.resolve({ kind: 'refused', refusal }) : admitHere(party, seats, id, sent),
    );
  };

  /** Decides about a code, a booking number, a seat or a name. */
  const check = async (text: string): Promise<Verdict> => {
    if (looksLikeCode(text)) {
      return ask({ code: text }, async (id, sent) => {
        if (!door) return { kind: 'problem', problem: Problem.unreachable() };
        const read = await readCode(text, door.codes);
        const decided = admit(read, door, pending, serverNow());
        return 'why' in decided
          ? { kind: 'refused', refusal: decided }
          : admitHere(decided.party, [decided.seat], id, sent);
      });
    }
    const matching = found(parties, text);
    if (matching.length > 0) return { kind: 'choose', parties: matching };
    if (isBookingNumber(text))
      return ask({ reference: text }, () =>
        Promise.resolve({ kind: 'refused', refusal: { why: 'not-listed' } } as const),
      );
    return { kind: 'refused', refusal: { why: 'not-a-ticket' } };
  };

  /** Undoes a check-in, and returns the reason why not, or null. */
  const undo = async (guest: Guest): Promise<string | null> => {
    const own = pending.find(({ booking_id, seat }) => booking_id === guest.booking_id && seat === guest.seat);
    if (own && !own.sent) {
      await (await store()).settle(own);
      await reload();
      return null;
    }
    if (!guest.check_in_id) return w.door.undoLater;
    try {
      await command('DELETE', `/check-ins/${encodeURIComponent(guest.check_in_id)}`);
    } catch (problem) {
      return problem instanceof Problem ? problem.message : String(problem);
    }
    await outdated(path);
    return null;
  };

  const dismiss = async (conflict: Conflict) => {
    await (await store()).forget(conflict);
    await reload();
  };

  return {
    door,
    error: door ? null : asked.error,
    /** When the list was fetched, in milliseconds. */
    fetched: asked.data ? asked.dataUpdatedAt : (keptDoor?.fetched ?? null),
    reachable,
    parties,
    counts: countsOf(parties),
    pending,
    conflicts,
    check,
    admitSeats,
    undo,
    dismiss,
    retry: () => void asked.refetch(),
  };
}

export type DoorState = ReturnType<typeof useDoor>;
