/** Seat map that stays current: by the API's event stream if offered, otherwise by polling every few seconds. */

import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { address } from '../../api/client';
import { learnPosition } from '../../api/position';
import { reading } from '../../api/queries';
import type { SeatMap, SeatStatus } from '../../api/types';
import { whileVisible } from './while-visible';

/** Polling interval without a stream, in milliseconds. An unchanged map is answered with 304. */
const POLL_MS = 3_000;
/** Polling interval beside a stream, in case it lost a change unnoticed. */
const SAFETY_POLL_MS = 60_000;

export interface SeatChange {
  seat: string;
  status: SeatStatus;
}

/** Applies changes to a map; returns the same object if there were none. */
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
      // A freed seat belongs to no customer; a seat held by this customer and then sold was sold to them.
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

/** Applies the events of the API's stream to the cached map, from its position on. Returns a function that ends it. */
function follow(client: QueryClient, path: `/screenings/${string}/seats`, onLive: (live: boolean) => void): () => void {
  const { queryKey } = reading(path);
  const after = client.getQueryData<SeatMap>(queryKey)?.position;
  const stream = new EventSource(address(`${path}/live`, { after }));
  const reload = () => void client.invalidateQueries({ queryKey });
  stream.addEventListener('open', () => {
    onLive(true);
  });
  stream.addEventListener('seats', (event) => {
    const { changes } = JSON.parse(String(event.data)) as { changes?: SeatChange[] };
    const position = Number(event.lastEventId) || 0;
    if (!changes) return;
    client.setQueryData<SeatMap>(queryKey, (map) => map && changed(map, changes, position));
  });
  stream.addEventListener('reset', (event) => {
    // The reloaded map must be at least as new as the point from which changes are missing.
    learnPosition(event.lastEventId, Date.now());
    reload();
  });
  stream.addEventListener('error', () => {
    onLive(false);
    // A refused stream stays closed and polling continues; a broken one reconnects without a gap.
    if (stream.readyState !== EventSource.CLOSED) reload();
  });
  return () => {
    stream.close();
  };
}

export function useSeatMap(screening: string) {
  const path = `/screenings/${screening}/seats` as const;
  const options = reading(path);
  const client = useQueryClient();
  const [live, setLive] = useState(false);
  const query = useQuery({ ...options, refetchInterval: live ? SAFETY_POLL_MS : POLL_MS, staleTime: 1_000 });
  const loaded = query.data !== undefined;

  useEffect(() => {
    if (!loaded || typeof EventSource === 'undefined') return;
    return whileVisible(() => {
      const close = follow(client, path, setLive);
      return () => {
        close();
        setLive(false);
      };
    });
  }, [client, loaded, path]);

  return { ...query, live };
}
