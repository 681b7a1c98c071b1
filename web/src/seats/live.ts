/** A seat map that stays current: by the API's event stream where it is offered, else by asking every few seconds. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { address } from '../api/client';
import { learnPosition } from '../api/position';
import { reading } from '../api/queries';
import type { SeatMap, SeatStatus } from '../api/types';

/** Between two questions where there is no stream, in milliseconds. An unchanged map is answered 304. */
const POLL_MS = 3_000;
/** Beside a stream: for the one that lost a change without knowing it. */
const DOUBT_MS = 60_000;

export interface SeatChange {
  seat: string;
  status: SeatStatus;
}

/** The map after some changes; the same object if there were none. */
export function changed(map: SeatMap, changes: readonly SeatChange[], position: number): SeatMap {
  const states = new Map(changes.map(({ seat, status }) => [seat, status]));
  let touched = false;
  const rows = map.rows.map((row) => {
    if (!row.seats.some(({ seat, status }) => (states.get(seat) ?? status) !== status)) return row;
    touched = true;
    const seats = row.seats.map((seat) => {
      const status = states.get(seat.seat) ?? seat.status;
      if (status === seat.status) return seat;
      const { held_by_me: mine, sold_to_me: ours, ...rest } = seat;
      // A seat that went free is nobody's; one that was mine and got sold was sold to me.
      if (status === 'free') return { ...rest, status };
      return {
        ...rest,
        status,
        ...((mine ?? ours) && (status === 'sold' ? { sold_to_me: true } : { held_by_me: true })),
      };
    });
    return { ...row, seats } as typeof row;
  });
  return touched || position > map.position ? { ...map, rows, position: Math.max(position, map.position) } : map;
}

export function useSeatMap(screening: string) {
  const path = `/screenings/${screening}/seats` as const;
  const options = reading(path);
  const client = useQueryClient();
  const [live, setLive] = useState(false);
  const query = useQuery({ ...options, refetchInterval: live ? DOUBT_MS : POLL_MS, staleTime: 1_000 });
  const loaded = query.data !== undefined;

  useEffect(() => {
    if (!loaded || typeof EventSource === 'undefined') return;
    const { queryKey } = reading(path);
    const after = client.getQueryData<SeatMap>(queryKey)?.position;
    const stream = new EventSource(address(`${path}/live`, { after }));
    const again = () => void client.invalidateQueries({ queryKey });
    stream.addEventListener('open', () => {
      setLive(true);
    });
    stream.addEventListener('seats', (event) => {
      const { changes } = JSON.parse(String(event.data)) as { changes?: SeatChange[] };
      const position = Number(event.lastEventId) || 0;
      if (!changes) return;
      client.setQueryData<SeatMap>(queryKey, (map) => map && changed(map, changes, position));
    });
    stream.addEventListener('reset', (event) => {
      // The map that is asked for now must be at least as new as the point where the changes are missing.
      learnPosition(event.lastEventId, Date.now());
      again();
    });
    stream.addEventListener('error', () => {
      setLive(false);
      // A refused stream is closed for good and the polling goes on; a broken one opens itself again, without a gap.
      if (stream.readyState !== EventSource.CLOSED) again();
    });
    return () => {
      stream.close();
      setLive(false);
    };
  }, [client, loaded, path]);

  return { ...query, live };
}
