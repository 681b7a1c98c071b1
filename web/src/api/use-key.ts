import { useRef } from 'react';

import { newKey } from './client';

/**
 * Idempotency-Keys, one per intent. The same values have the same key until `done`, so that pressing again after an answer
 * was lost repeats nothing; other values are a new intent.
 */
export function useKey(): { of: (intent: unknown) => string; done: () => void } {
  const held = useRef<{ intent: string; key: string } | null>(null);
  return {
    of: (intent) => {
      const text = JSON.stringify(intent);
      if (held.current?.intent !== text) held.current = { intent: text, key: newKey() };
      return held.current.key;
    },
    done: () => {
      held.current = null;
    },
  };
}
