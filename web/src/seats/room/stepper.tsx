import { Minus, Plus } from 'lucide-react';

import { IconButton } from '../../design/button';
import { t } from '../../i18n/texts';

interface Props {
  value: number;
  min?: number;
  max: number;
  /** Name of the things counted, if they are not the seats of the whole party. */
  label?: string;
  onChange: (value: number) => void;
}

/** Number of seats, from `min` to `max`. */
export function Stepper({ value, min = 1, max, label = t.seats.howMany, onChange }: Props) {
  return (
    <div role="group" aria-label={label} className="flex h-11 shrink-0 items-center rounded-full bg-sunk">
      <IconButton
        label={t.seats.fewer}
        disabled={value <= min}
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
