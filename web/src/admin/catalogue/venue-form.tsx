import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { Problem } from '../../api/problem';
import { outdated } from '../../api/queries';
import type { Venue } from '../../api/types';
import { useCities } from '../../catalogue/city';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { Refused } from '../../design/notices';
import { w } from '../../i18n/work/texts';
import { Unsaved } from './unsaved';

const zones = Intl.supportedValuesOf('timeZone');
/** Current names of time zones; browsers list only the older ones. */
const COMMON = ['Asia/Kolkata', 'Asia/Dubai', 'Asia/Singapore', 'Europe/London'];
const resolved = Intl.DateTimeFormat().resolvedOptions().timeZone;
const HERE = !resolved || resolved === 'Asia/Calcutta' ? 'Asia/Kolkata' : resolved;

/** A new venue, or one to change. */
export function VenueForm({ venue, onDone }: { venue?: Venue; onDone: (id: string) => void }) {
  const { data: cities } = useCities();
  const [values, setValues] = useState({
    name: venue?.name ?? '',
    address: venue?.address ?? '',
    city: venue?.city ?? '',
    timezone: venue?.timezone ?? HERE,
    opens_at: venue?.opens_at ?? '09:00',
    closes_at: venue?.closes_at ?? '01:00',
  });
  const key = useKey();
  const save = useMutation({
    mutationFn: async () => {
      if (venue) {
        await command('PATCH', `/venues/${venue.venue_id}`, { body: values });
        return venue.venue_id;
      }
      return (await key.run(values, (text) => command('POST', '/venues', { body: values, key: text }))).venue_id;
    },
    onSuccess: (id) => {
      void outdated('/venues', '/cities');
      onDone(id);
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const set = (name: keyof typeof values) => (event: { target: { value: string } }) => {
    setValues((before) => ({ ...before, [name]: event.target.value }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const overnight = values.closes_at <= values.opens_at;
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <TextField
        label={w.venue.name}
        required
        autoFocus={!venue}
        maxLength={200}
        value={values.name}
        error={problem?.flaw('/name')}
        onChange={set('name')}
      />
      <TextField
        label={w.venue.address}
        required
        maxLength={500}
        value={values.address}
        error={problem?.flaw('/address')}
        onChange={set('address')}
      />
      <div className="grid gap-4 xs:grid-cols-2">
        <TextField
          label={w.venue.city}
          required
          list="known-cities"
          maxLength={100}
          value={values.city}
          error={problem?.flaw('/city')}
          onChange={set('city')}
        />
        <TextField
          label={w.venue.timezone}
          required
          list="zones"
          value={values.timezone}
          error={problem?.flaw('/timezone')}
          onChange={set('timezone')}
        />
        <TextField
          label={w.venue.opens}
          type="time"
          required
          value={values.opens_at}
          error={problem?.flaw('/opens_at')}
          onChange={set('opens_at')}
        />
        <TextField
          label={w.venue.closes}
          type="time"
          required
          value={values.closes_at}
          hint={overnight ? w.venue.nextDay : undefined}
          error={problem?.flaw('/closes_at')}
          onChange={set('closes_at')}
        />
      </div>
      <datalist id="known-cities">
        {cities?.map((one) => (
          <option key={one.name} value={one.name} />
        ))}
      </datalist>
      <datalist id="zones">
        {[...new Set([...COMMON, ...zones])].map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      {!problem?.errors.length && <Refused error={save.error} />}
      <Button look="gold" type="submit" className="justify-self-start" busy={save.isPending}>
        {venue ? w.venue.save : w.venue.open}
      </Button>
      <Unsaved values={values} save={save} />
    </form>
  );
}
