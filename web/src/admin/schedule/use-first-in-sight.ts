import { useEffect, useRef } from 'react';

/**
 * Scrolls a board that is wider than its window to where the day begins to matter, once for each day; after that, the reader scrolls.
 * `share` is the place on the line, from 0 to 1, and null while it is not known.
 */
export function useFirstInSight(day: string, share: number | null, lineOf: () => HTMLElement | undefined) {
  const frame = useRef<HTMLDivElement>(null);
  const done = useRef<string | null>(null);
  useEffect(() => {
    const line = lineOf();
    if (!frame.current || !line || share === null || done.current === day) return;
    done.current = day;
    // The names of the screens stay at the left, so that a place on the line is where the window begins.
    frame.current.scrollLeft = share * line.clientWidth;
  });
  return frame;
}
