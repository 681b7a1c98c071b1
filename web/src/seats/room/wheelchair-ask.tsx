import { when } from '../../design/format';
import { Note } from '../../design/notices';
import { t } from '../../i18n/texts';
import { seatsListed } from '../seat-names';

interface Props {
  /** Chosen places that the house keeps. */
  kept: readonly string[];
  /** They go on sale to everybody then. */
  until: number;
  timezone: string;
  asks: boolean;
  onAsk: (asks: boolean) => void;
  /** Only seats beside wheelchair places are chosen. */
  isPlaceMissing: boolean;
}

/** Kept wheelchair places are for those who say that they need them. */
export function WheelchairAsk({ kept, until, timezone, asks, onAsk, isPlaceMissing }: Props) {
  if (kept.length === 0) return null;
  return (
    <Note tone="note" className="!py-2 text-sm">
      {t.seats.wheelchairKept(kept.length, seatsListed(kept), when(new Date(until).toISOString(), 'full', timezone))}
      <label className="mt-1 flex min-h-11 items-center gap-3 font-semibold">
        <input
          type="checkbox"
          className="size-5 shrink-0 accent-ink"
          checked={asks}
          onChange={({ target }) => {
            onAsk(target.checked);
          }}
        />
        {t.seats.wheelchairAsk}
      </label>
      {asks && isPlaceMissing && <p>{t.seats.wheelchairPlaceToo}</p>}
    </Note>
  );
}
