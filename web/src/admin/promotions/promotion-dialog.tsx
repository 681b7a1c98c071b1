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
import { PillButton } from '../../design/pill-button';
import { say } from '../../design/toast';
import { ticketType } from '../../i18n/ticket-type';
import { w } from '../../i18n/work/texts';
import { useVenues } from '../use-venues';
import { Picker } from './picker';
import { DAYS, flawsOf, NEW, promotionFrom, weekdayName, type Draft } from './promotion';

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
      say(w.promotions.published(code ?? w.promotions.theAutomatic), 'good');
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
    <Dialog title={w.promotions.new} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) create.mutate(body);
        }}
      >
        <TextField
          label={w.promotion.code}
          autoFocus
          autoComplete="off"
          maxLength={32}
          hint={w.promotion.codeHint}
          {...text('code')}
        />
        <TextField
          label={w.promotion.name}
          autoComplete="off"
          maxLength={60}
          hint={w.promotion.nameHint}
          {...text('name')}
        />
        <div className="grid gap-3 xs:grid-cols-2">
          <SelectField
            label={w.promotion.discount}
            value={draft.off}
            onChange={({ target }) => {
              set({ off: target.value === 'amount' ? 'amount' : 'percent' });
            }}
          >
            <option value="percent">{w.promotion.percentOff}</option>
            <option value="amount">{w.promotion.amountOff}</option>
          </SelectField>
          {draft.off === 'percent' ? (
            <TextField label={w.promotion.percent} type="number" required min={1} max={100} {...text('percent')} />
          ) : (
            <TextField label={w.promotion.amount(currency.code)} inputMode="decimal" required {...text('amount')} />
          )}
          <TextField label={w.promotion.first} type="date" {...text('from')} />
          <TextField label={w.promotion.last} type="date" min={draft.from} {...text('until')} />
          <TextField
            label={w.promotion.uses}
            type="number"
            min={1}
            placeholder={w.promotion.noLimit}
            {...text('uses')}
          />
          <TextField
            label={w.promotion.each}
            type="number"
            min={1}
            placeholder={w.promotion.noLimit}
            {...text('each')}
          />
        </div>
        <Choice
          title={w.promotion.days}
          all={DAYS.map((day) => [day, weekdayName(day)] as const)}
          chosen={draft.weekdays}
          onChosen={(weekdays) => {
            set({ weekdays });
          }}
        />
        <Choice
          title={w.promotion.types}
          all={ticket_types.map((type) => [type, ticketType(type)] as const)}
          chosen={draft.ticket_types}
          onChosen={(chosen) => {
            set({ ticket_types: chosen });
          }}
        />
        <Picker
          title={w.promotion.venues}
          of="venues"
          all={venues.items.map(({ venue_id, name, city }) => ({ value: venue_id, text: `${name}, ${city}` }))}
          chosen={draft.venues}
          onChosen={(chosen) => {
            set({ venues: chosen });
          }}
        />
        <Picker
          title={w.promotion.shows}
          of="shows"
          all={(shows.data ?? []).map(({ show_id, title }) => ({ value: show_id, text: title }))}
          chosen={draft.shows}
          onChosen={(chosen) => {
            set({ shows: chosen });
          }}
        />
        {/* Without these lists, nothing can be found in them. */}
        <Refused error={create.error ?? shows.error ?? venues.error} />
        <Button
          type="submit"
          look="gold"
          size="large"
          busy={create.isPending}
          disabled={Object.keys(flaws).length > 0 || create.isPending}
        >
          {w.promotion.publish}
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
        {title} <span className="font-normal text-soft">{chosen.length === 0 && w.promotion.all}</span>
      </legend>
      <div className="flex max-h-40 flex-wrap gap-1.5 overflow-y-auto quiet-scroll">
        {all.map(([value, text]) => {
          const on = chosen.includes(value);
          return (
            <PillButton
              key={value}
              pressed={on}
              onClick={() => {
                onChosen(on ? chosen.filter((one) => one !== value) : [...chosen, value]);
              }}
            >
              {text}
            </PillButton>
          );
        })}
      </div>
    </fieldset>
  );
}
