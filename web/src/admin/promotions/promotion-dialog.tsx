import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { outdated, wholeList } from '../../api/queries';
import { useKey } from '../../api/keys/use-key';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { SelectField, TextField } from '../../design/field';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { ticketType } from '../../i18n/ticket-type';
import { useVenues } from '../use-venues';
import { Picker } from './picker';
import { DAYS, flawsOf, NEW, promotionFrom, type Draft } from './promotion';

/** Publishes a code, or an offer without one. */
export function PromotionDialog({ onClose }: { onClose: () => void }) {
  const { currency, ticket_types } = usePolicy();
  const venues = useVenues();
  const shows = useQuery(wholeList('/shows', { status: 'active' }));
  const [draft, setDraft] = useState(NEW);
  const key = useKey();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const flaws = flawsOf(draft, currency.code);
  const body = promotionFrom(draft, currency.code, zone);
  const create = useMutation({
    mutationFn: (wanted: NonNullable<typeof body>) =>
      key.run(wanted, (text) => command('POST', '/promotions', { body: wanted, key: text })),
    onSuccess: ({ code }) => {
      say(`${code ?? 'The automatic discount'} is published.`, 'good');
      onClose();
      return outdated('/promotions');
    },
  });
  const set = (changed: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...changed }));
  };
  const text = (name: 'code' | 'name' | 'percent' | 'amount' | 'from' | 'until' | 'uses' | 'each') => ({
    value: draft[name],
    error: flaws[name],
    onChange: ({ target }: { target: { value: string } }) => {
      set({ [name]: target.value });
    },
  });
  return (
    <Dialog title="New promotion" onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) create.mutate(body);
        }}
      >
        <TextField
          label="Code"
          autoFocus
          autoComplete="off"
          maxLength={32}
          hint="Leave it empty for a discount that applies automatically."
          {...text('code')}
        />
        <TextField
          label="Name"
          autoComplete="off"
          maxLength={60}
          hint="Customers read it with the discount, such as “Tuesday price”."
          {...text('name')}
        />
        <div className="grid gap-3 xs:grid-cols-2">
          <SelectField
            label="Discount"
            value={draft.off}
            onChange={({ target }) => {
              set({ off: target.value === 'amount' ? 'amount' : 'percent' });
            }}
          >
            <option value="percent">Percent of the prices</option>
            <option value="amount">Amount off the booking</option>
          </SelectField>
          {draft.off === 'percent' ? (
            <TextField label="Percent" type="number" required min={1} max={100} {...text('percent')} />
          ) : (
            <TextField label={`Amount in ${currency.code}`} inputMode="decimal" required {...text('amount')} />
          )}
          <TextField label="First day" type="date" {...text('from')} />
          <TextField label="Last day" type="date" min={draft.from} {...text('until')} />
          <TextField label="Total uses" type="number" min={1} placeholder="No limit" {...text('uses')} />
          <TextField label="Uses per customer" type="number" min={1} placeholder="No limit" {...text('each')} />
        </div>
        <Choice
          title="Days of the screenings"
          all={DAYS.map((day) => [day, day.charAt(0).toUpperCase() + day.slice(1, 3)] as const)}
          chosen={draft.weekdays}
          onChosen={(weekdays) => {
            set({ weekdays });
          }}
        />
        <Choice
          title="Ticket types"
          all={ticket_types.map((type) => [type, ticketType(type)] as const)}
          chosen={draft.ticket_types}
          onChosen={(chosen) => {
            set({ ticket_types: chosen });
          }}
        />
        <Picker
          title="Venues"
          noun="venue"
          all={venues.items.map(({ venue_id, name, city }) => ({ value: venue_id, text: `${name}, ${city}` }))}
          chosen={draft.venues}
          onChosen={(chosen) => {
            set({ venues: chosen });
          }}
        />
        <Picker
          title="Shows"
          noun="show"
          all={(shows.data ?? []).map(({ show_id, title }) => ({ value: show_id, text: title }))}
          chosen={draft.shows}
          onChosen={(chosen) => {
            set({ shows: chosen });
          }}
        />
        <Refused error={create.error} />
        <Button
          type="submit"
          look="gold"
          size="large"
          busy={create.isPending}
          disabled={Object.keys(flaws).length > 0 || create.isPending}
        >
          Publish
        </Button>
      </form>
    </Dialog>
  );
}

interface ChoiceProps<T extends string> {
  title: string;
  all: readonly (readonly [T, string])[];
  chosen: readonly T[];
  onChosen: (chosen: T[]) => void;
}

/** Some of a list; without any, it is not a condition. */
function Choice<T extends string>({ title, all, chosen, onChosen }: ChoiceProps<T>) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-semibold">
        {title} <span className="font-normal text-soft">{chosen.length === 0 && '(all)'}</span>
      </legend>
      <div className="flex max-h-40 flex-wrap gap-1.5 overflow-y-auto quiet-scroll">
        {all.map(([value, text]) => {
          const on = chosen.includes(value);
          return (
            <button
              key={value}
              type="button"
              aria-pressed={on}
              onClick={() => {
                onChosen(on ? chosen.filter((one) => one !== value) : [...chosen, value]);
              }}
              className={[
                'min-h-11 rounded-full border px-4 font-semibold',
                on ? 'border-ink bg-ink text-ground' : 'border-line-strong',
              ].join(' ')}
            >
              {text}
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}
