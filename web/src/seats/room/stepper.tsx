import { Minus, Plus } from 'lucide-react';

import { IconButton } from '../../design/button';
import { t } from '../../i18n/texts';

/** Number of seats, from one to `max`. */
export function Stepper({ value, max, onChange }: { value: number; max: number; onChange: (value: number) => void }) {
  return (
    <div role="group" aria-label={t.seats.howMany} className="flex h-11 shrink-0 items-center rounded-full bg-sunk">
      <IconButton
        label={t.seats.fewer}
        disabled={value <= 1}
        onClick={() => {
          onChange(value - 1);
        }}
      >
        <Minus size={18} aria-hidden />
      </IconButton>
      <output className="numbers w-6 text-center text-lg font-bold" aria-live="polite">
        {value}
        <span className="sr-only"> {t.seats.unit(value)}</span>
      </output>
      <IconButton
        label={t.seats.more}
        disabled={value >= max}
        onClick={() => {
          onChange(value + 1);
        }}
      >
        <Plus size={18} aria-hidden />
      </IconButton>
    </div>
  );
}
