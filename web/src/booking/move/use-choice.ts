import { useEffect, useState } from 'react';

import type { SeatMap } from '../../api/types';
import { say } from '../../design/toast';
import { seatsListed } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { storedSeats, storeSeats } from '../../seats/choice/stored-seats';
import { parted, toggled } from './choice';

export interface Choice {
  seats: readonly string[];
  /** Announcement for screen readers. */
  news: string;
  toggle: (seat: string) => void;
  choose: (seats: readonly string[]) => void;
}

/** Name under which the choice is kept, of a booking and a screening that it may move to. */
export function choiceOf(booking: string, screening: string): string {
  return `${booking}.${screening}`;
}

/**
 * Seats chosen for a move, kept for the browser tab under `name`. Those that another customer takes meanwhile leave the
 * choice, unless the move is `under way` and takes them itself.
 */
export function useChoice(name: string, wanted: number, map: SeatMap, isUnderWay: boolean): Choice {
  const [chosen, setChosen] = useState<readonly string[]>(() => storedSeats(name).slice(-wanted));
  const [news, setNews] = useState('');
  const { left, gone } = isUnderWay ? { left: chosen, gone: [] } : parted(chosen, map);
  const lost = gone.join(' ');
  useEffect(() => {
    if (!lost) return;
    const names = lost.split(' ');
    say(t.seats.wasTaken(names.length, seatsListed(names)), 'bad');
  }, [lost]);
  if (gone.length > 0) setChosen(left);
  useEffect(() => {
    storeSeats(name, chosen);
  }, [name, chosen]);
  return {
    seats: left,
    news,
    toggle: (seat) => {
      if (parted([seat], map).gone.length > 0) {
        setNews(t.seats.newsTaken(seat));
        return;
      }
      const after = toggled(left, seat, wanted);
      setChosen(after);
      const dropped = left.find((one) => !after.includes(one));
      if (!after.includes(seat)) setNews(t.seats.newsRemoved(seat));
      else setNews(dropped ? t.move.newsInstead(seat, dropped) : t.move.newsAdded(seat, wanted - after.length));
    },
    choose: (seats) => {
      setChosen(seats);
      setNews(seats.length > 0 ? t.seats.newsChosen(seatsListed(seats)) : t.seats.newsNotTogether);
    },
  };
}
