/** What a page forgets when the network is back. */

import { useEffect, useRef } from 'react';

import { onReconnected } from '../api/connection';
import { Problem } from '../api/problem';

interface Call {
  error: unknown;
  reset: () => void;
}

/** Drops the messages of calls that did not reach the API. Other refusals stay. */
export function dropUnreached(calls: readonly Call[]): void {
  for (const call of calls) if (call.error instanceof Problem && call.error.status === 0) call.reset();
}

/** Calls `act` each time the network is back. */
export function useReconnected(act: () => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(
    () =>
      onReconnected(() => {
        latest.current();
      }),
    [],
  );
}
