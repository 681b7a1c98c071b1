import { Plus, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';

import { usePolicy } from '../../../api/policy';
import { categoryName } from '../../../catalogue/names';
import { Button, IconButton } from '../../../design/button';
import { SelectField, TextField } from '../../../design/field';
import { parseMoney } from '../../../design/format';
import { PillButton } from '../../../design/pill-button';
import { ticketType } from '../../../i18n/ticket-type';
import { STANDARD } from '../../../seats/choice/ticket-types';
import { w } from '../../../i18n/work/texts';
import {
  hundredths,
  minutesFrom,
  NO_LIMITS,
  priceField,
  termsFrom,
  typeName,
  type TermsDraft,
  type TypeDraft,
} from './terms';

interface Props {
  categories: readonly string[];
  currency: string;
  draft: TermsDraft;
  onDraft: (draft: TermsDraft) => void;
  /** Typed prices by their fields. */
  prices: Readonly<Record<string, string>>;
  onPrices: (prices: Record<string, string>) => void;
}

/** Prices of each category, by ticket type if there are several, with fee, tax and the rule of cancellations. */
export function TermsFields({ categories, currency, draft, onDraft, prices, onPrices }: Props) {
  const types = Object.keys(draft.types);
  const [isOpen, setOpen] = useState(false);
  // What keeps the form from being sent has to be in sight.
  const isWrong = termsFrom(draft, currency) === null;
  const price = (field: string, label: string) => (
    <TextField
      key={field}
      label={label}
      inputMode="decimal"
      required
      value={prices[field] ?? ''}
      error={prices[field] && !parseMoney(prices[field], currency) ? w.schedule.noAmount(250) : undefined}
      onChange={({ target }) => {
        onPrices({ ...prices, [field]: target.value });
      }}
    />
  );
  return (
    <>
      {categories.map((category) =>
        types.length === 0 ? (
          price(priceField(category), w.schedule.priceOf(categoryName(category), currency))
        ) : (
          <fieldset key={category} className="grid gap-3 sm:col-span-2 sm:grid-cols-2">
            <legend className="mb-1 text-sm font-semibold">{w.terms.pricesOf(categoryName(category), currency)}</legend>
            {types.map((type) => price(priceField(category, type), ticketType(type)))}
          </fieldset>
        ),
      )}
      <details
        className="rounded-2xl border border-line px-4 py-3 sm:col-span-2"
        open={isOpen || isWrong}
        onToggle={({ currentTarget }) => {
          setOpen(currentTarget.open);
        }}
      >
        <summary className="min-h-8 cursor-pointer font-semibold">{w.terms.title}</summary>
        <div className="mt-3 grid gap-5">
          <Types draft={draft} onDraft={onDraft} />
          <Fee currency={currency} draft={draft} onDraft={onDraft} />
          <Taxes draft={draft} onDraft={onDraft} />
          <Cancelling currency={currency} draft={draft} onDraft={onDraft} />
          <SingleSeats draft={draft} onDraft={onDraft} />
          <Wheelchairs draft={draft} onDraft={onDraft} />
        </div>
      </details>
    </>
  );
}

type Part = Pick<Props, 'draft' | 'onDraft'>;

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-1 text-sm font-semibold">{title}</legend>
      {children}
    </fieldset>
  );
}

function Types({ draft, onDraft }: Part) {
  const known = usePolicy().ticket_types.filter((type) => type !== STANDARD);
  const [own, setOwn] = useState('');
  const chosen = Object.keys(draft.types);
  const others = chosen.filter((type) => !known.includes(type));
  const set = (type: string, limits: TypeDraft | null) => {
    const types = { ...draft.types };
    if (limits) types[type] = limits;
    else Reflect.deleteProperty(types, type);
    onDraft({ ...draft, types });
  };
  const name = typeName(own);
  return (
    <Group title={w.terms.types}>
      <p className="text-sm text-soft">{w.terms.typesHint}</p>
      <div className="flex flex-wrap gap-1.5">
        {[...known, ...others].map((type) => {
          const on = type in draft.types;
          return (
            <PillButton
              key={type}
              pressed={on}
              onClick={() => {
                set(type, on ? null : NO_LIMITS);
              }}
            >
              {ticketType(type)}
            </PillButton>
          );
        })}
      </div>
      <div className="flex items-end gap-2">
        <div className="grow">
          <TextField
            label={w.terms.ownType}
            value={own}
            maxLength={30}
            onChange={({ target }) => {
              setOwn(target.value);
            }}
          />
        </div>
        <Button
          disabled={name === '' || name in draft.types}
          onClick={() => {
            set(name, NO_LIMITS);
            setOwn('');
          }}
        >
          <Plus size={17} aria-hidden /> {w.terms.add}
        </Button>
      </div>
      {chosen.map((type) => (
        <Limits
          key={type}
          type={type}
          others={chosen.filter((other) => other !== type)}
          limits={draft.types[type] ?? NO_LIMITS}
          onLimits={(limits) => {
            set(type, limits);
          }}
        />
      ))}
    </Group>
  );
}

interface LimitsProps {
  type: string;
  others: readonly string[];
  limits: TypeDraft;
  onLimits: (limits: TypeDraft) => void;
}

function Limits({ type, others, limits, onLimits }: LimitsProps) {
  const name = ticketType(type);
  return (
    <div className="grid items-end gap-3 rounded-2xl bg-sunk p-3 xs:grid-cols-2">
      <TextField
        label={w.terms.atMost(name)}
        type="number"
        min={1}
        max={100}
        placeholder={w.terms.noLimit}
        value={limits.max}
        onChange={({ target }) => {
          onLimits({ ...limits, max: target.value });
        }}
      />
      <SelectField
        label={w.terms.onlyWith(name)}
        value={others.includes(limits.needs_type) ? limits.needs_type : ''}
        onChange={({ target }) => {
          onLimits({ ...limits, needs_type: target.value });
        }}
      >
        <option value="">{w.terms.anyTicket}</option>
        {others.map((other) => (
          <option key={other} value={other}>
            {ticketType(other)}
          </option>
        ))}
      </SelectField>
      <label className="flex min-h-11 items-center gap-3 xs:col-span-2">
        <input
          type="checkbox"
          className="size-5 shrink-0 accent-ink"
          checked={limits.needs_accessible}
          onChange={({ target }) => {
            onLimits({ ...limits, needs_accessible: target.checked });
          }}
        />
        {w.terms.wheelchair(name)}
      </label>
    </div>
  );
}

function Fee({ currency, draft, onDraft }: Part & { currency: string }) {
  return (
    <Group title={w.terms.fee}>
      <div className="grid gap-3 xs:grid-cols-2">
        <TextField
          label={w.terms.feeIn(currency)}
          inputMode="decimal"
          placeholder={w.terms.none}
          value={draft.fee}
          error={draft.fee.trim() && !parseMoney(draft.fee, currency) ? w.schedule.noAmount(20) : undefined}
          onChange={({ target }) => {
            onDraft({ ...draft, fee: target.value });
          }}
        />
        <SelectField
          label={w.terms.charged}
          value={draft.per}
          onChange={({ target }) => {
            onDraft({ ...draft, per: target.value === 'booking' ? 'booking' : 'ticket' });
          }}
        >
          <option value="ticket">{w.terms.perTicket}</option>
          <option value="booking">{w.terms.perBooking}</option>
        </SelectField>
      </div>
    </Group>
  );
}

function Taxes({ draft, onDraft }: Part) {
  const set = (taxes: TermsDraft['taxes']) => {
    onDraft({ ...draft, taxes });
  };
  return (
    <Group title={w.terms.tax}>
      {draft.taxes.map((tax, at) => {
        const change = (changed: Partial<typeof tax>) => {
          set(draft.taxes.map((one, index) => (index === at ? { ...one, ...changed } : one)));
        };
        return (
          <div key={at} className="grid grid-cols-[minmax(0,1fr)_7rem_auto] items-end gap-2">
            <TextField
              label={w.terms.taxName}
              required
              maxLength={30}
              placeholder="GST"
              value={tax.name}
              onChange={({ target }) => {
                change({ name: target.value });
              }}
            />
            <TextField
              label={w.terms.percent}
              required
              inputMode="decimal"
              placeholder="18"
              value={tax.percent}
              error={tax.percent && hundredths(tax.percent) === null ? w.terms.badPercent : undefined}
              onChange={({ target }) => {
                change({ percent: target.value });
              }}
            />
            <IconButton
              label={w.terms.remove(tax.name || w.terms.thisTax)}
              onClick={() => {
                set(draft.taxes.filter((_, index) => index !== at));
              }}
            >
              <X size={18} aria-hidden />
            </IconButton>
          </div>
        );
      })}
      <div>
        <Button
          disabled={draft.taxes.length >= 10}
          onClick={() => {
            set([...draft.taxes, { name: '', percent: '' }]);
          }}
        >
          <Plus size={17} aria-hidden /> {w.terms.addTax}
        </Button>
      </div>
    </Group>
  );
}

function SingleSeats({ draft, onDraft }: Part) {
  return (
    <Group title={w.terms.single}>
      <SelectField
        label={w.terms.singleWhat}
        value={draft.alone}
        onChange={({ target }) => {
          const rules = ['warn', 'refuse', 'allow'] as const;
          onDraft({ ...draft, alone: rules.find((rule) => rule === target.value) ?? 'warn' });
        }}
      >
        <option value="warn">{w.terms.singleWarn}</option>
        <option value="refuse">{w.terms.singleRefuse}</option>
        <option value="allow">{w.terms.singleAllow}</option>
      </SelectField>
    </Group>
  );
}

function Wheelchairs({ draft, onDraft }: Part) {
  const { wheelchair: hours } = draft;
  return (
    <Group title={w.terms.wheelchairs}>
      <SelectField
        label={w.terms.wheelchairsWho}
        value={hours === null ? 'all' : 'kept'}
        onChange={({ target }) => {
          onDraft({ ...draft, wheelchair: target.value === 'kept' ? '2' : null });
        }}
      >
        <option value="all">{w.terms.wheelchairsAll}</option>
        <option value="kept">{w.terms.wheelchairsKept}</option>
      </SelectField>
      {hours !== null && (
        <TextField
          label={w.terms.wheelchairsHours}
          inputMode="decimal"
          required
          value={hours}
          error={minutesFrom(hours) == null ? w.change.wheelchairsWrong : undefined}
          onChange={({ target }) => {
            onDraft({ ...draft, wheelchair: target.value });
          }}
        />
      )}
    </Group>
  );
}

function Cancelling({ currency, draft, onDraft }: Part & { currency: string }) {
  return (
    <Group title={w.terms.cancelling}>
      <SelectField
        label={w.terms.rule}
        value={draft.cancelling}
        onChange={({ target }) => {
          const rules = ['usual', 'until', 'never'] as const;
          onDraft({ ...draft, cancelling: rules.find((rule) => rule === target.value) ?? 'usual' });
        }}
      >
        <option value="usual">{w.terms.usual}</option>
        <option value="until">{w.terms.until}</option>
        <option value="never">{w.terms.never}</option>
      </SelectField>
      {draft.cancelling === 'until' && (
        <div className="grid gap-3 xs:grid-cols-2">
          <TextField
            label={w.terms.hours}
            type="number"
            required
            min={0}
            max={8_000}
            value={draft.hours}
            onChange={({ target }) => {
              onDraft({ ...draft, hours: target.value });
            }}
          />
          <TextField
            label={w.terms.minutes}
            type="number"
            required
            min={0}
            max={59}
            value={draft.minutes}
            onChange={({ target }) => {
              onDraft({ ...draft, minutes: target.value });
            }}
          />
          <TextField
            label={w.terms.keptIn(currency)}
            inputMode="decimal"
            placeholder={w.terms.nothing}
            hint={w.terms.keptHint}
            value={draft.kept}
            onChange={({ target }) => {
              onDraft({ ...draft, kept: target.value });
            }}
          />
        </div>
      )}
    </Group>
  );
}
