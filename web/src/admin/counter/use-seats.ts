/** Seats that staff choose on the map of a screening. */

import { useEffect, useState } from 'react';

import type { Seat, SeatMap } from '../../api/types';
import { say } from '../../design/toast';
import { withOtherPlaces } from '../../seats/choice/standing';
import { seatsWhere } from '../../seats/choice/use-selection';
import { seatsListed } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';

/** Whether staff may choose a seat: it is free, or the house keeps it back. */
export function isOurs({ status }: Seat): boolean {
  return status === 'free' || status === 'blocked';
}

/** Returns the seats that may still be chosen, and those that may not. */
export function parted(seats: readonly string[], map: SeatMap): { left: string[]; gone: string[] } {
  const ours = new Set(seatsWhere(map, isOurs));
  return { left: seats.filter((seat) => ours.has(seat)), gone: seats.filter((seat) => !ours.has(seat)) };
}

/** `isUnsure` while the seats may have been sold by the last call, whose answer was lost: then they stay chosen. */
export function useSeats(map: SeatMap, isUnsure = false) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  // One place of a standing area is as good as another.
  const open = isUnsure ? chosen : withOtherPlaces(chosen, parted(chosen, map).gone, map);
  const { left, gone } = isUnsure ? { left: [...chosen], gone: [] } : parted(open, map);
  const lost = gone.join(' ');
  useEffect(() => {
    const names = lost.split(' ');
    if (lost) say(w.counter.soldNow(names.length, seatsListed(names)), 'bad');
  }, [lost]);
  // What was sold meanwhile is no longer chosen.
  if (gone.length > 0 || open !== chosen) setChosen(left);
  return {
    seats: left,
    /** Chooses a seat, or no longer. Seats that are not the house's stay as they are. */
    toggle: (name: string) => {
      setChosen((before) => {
        if (before.includes(name)) return before.filter((one) => one !== name);
        return parted([name], map).left.length > 0 ? [...before, name] : before;
      });
    },
    clear: () => {
      setChosen([]);
    },
    choose: setChosen,
  };
}
