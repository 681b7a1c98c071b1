/** Rows that are being edited, with the way back. */

import { useCallback, useState } from 'react';

import type { EditedRow } from './rows';

/** Steps that can be undone. */
const STEPS_MAX = 100;

export function useRows(start: () => EditedRow[]) {
  const [{ past, rows }, set] = useState<{ past: EditedRow[][]; rows: EditedRow[] }>(() => ({
    past: [],
    rows: start(),
  }));
  const change = useCallback((next: (rows: EditedRow[]) => EditedRow[]) => {
    set((before) => ({ past: [...before.past, before.rows].slice(-STEPS_MAX), rows: next(before.rows) }));
  }, []);
  const undo = useCallback(() => {
    set((before) => ({ past: before.past.slice(0, -1), rows: before.past.at(-1) ?? before.rows }));
  }, []);
  return { rows, change, undo: past.length > 0 ? undo : null };
}
