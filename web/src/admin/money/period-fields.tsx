import { useState } from 'react';

import { cityName } from '../../catalogue/names';
import { Button } from '../../design/button';
import { SelectField, TextField } from '../../design/field';
import { w } from '../../i18n/work/texts';
import type { useVenues } from '../use-venues';
import { PRESETS, presetOf, type Period, type Preset } from './periods';

interface Props {
  period: Period;
  onPeriod: (period: Period) => void;
}

/** Buttons for the periods that are asked for most. */
export function PeriodPresets({ period, onPeriod, today }: Props & { today: string }) {
  const [asked, setAsked] = useState<Preset | null>(null);
  const preset = presetOf(period, today, asked);
  return (
    <div className="mb-5 flex flex-wrap gap-2" role="group" aria-label={w.sales.period}>
      {PRESETS.map(([name, of]) => {
        const chosen = name === preset;
        return (
          <Button
            key={name}
            aria-pressed={chosen}
            className={chosen ? '!bg-ink !text-ground' : ''}
            onClick={() => {
              setAsked(name);
              onPeriod(of(today));
            }}
          >
            {w.sales.presets[name]}
          </Button>
        );
      })}
    </div>
  );
}

/** First and last day of a period. */
export function PeriodDays({ period: { from, to }, onPeriod }: Props) {
  return (
    <>
      <TextField
        label={w.sales.from}
        type="date"
        required
        max={to}
        value={from}
        onChange={({ target }) => {
          if (target.value) onPeriod({ from: target.value, to });
        }}
      />
      <TextField
        label={w.sales.to}
        type="date"
        required
        value={to}
        error={to < from ? w.sales.backwards : undefined}
        onChange={({ target }) => {
          if (target.value) onPeriod({ from, to: target.value });
        }}
      />
    </>
  );
}

type Venues = ReturnType<typeof useVenues>;

/** The venue of a report: the one that was chosen, or all; for people who work for some venues, the first of them. */
export function venueFor({ all, items }: Venues, chosen: string): string {
  return chosen || (all ? '' : (items[0]?.venue_id ?? ''));
}

interface VenueProps {
  venues: Venues;
  venue: string;
  onVenue: (venue: string) => void;
}

/** Choice of one venue, or all. */
export function VenueField({ venues: { all, items }, venue, onVenue }: VenueProps) {
  return (
    <SelectField
      label={w.sales.venue}
      value={venue}
      onChange={({ target }) => {
        onVenue(target.value);
      }}
    >
      {all && <option value="">{w.sales.all}</option>}
      {items.map((one) => (
        <option key={one.venue_id} value={one.venue_id}>
          {one.name}, {cityName(one.city)}
        </option>
      ))}
    </SelectField>
  );
}
