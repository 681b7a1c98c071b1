import { useQuery } from '@tanstack/react-query';
import { Sparkles, X } from 'lucide-react';
import { useRef, useState } from 'react';

import { usePolicy } from '../api/policy';
import { listed } from '../api/problem';
import { reading } from '../api/queries';
import type { SeatMap } from '../api/types';
import { Button, ButtonLink, IconButton } from '../design/button';
import { count, money } from '../design/format';
import { Note } from '../design/notices';
import type { Plan } from './plan';

export function BestSeats({
  plan,
  map,
  onBest,
}: {
  plan: Plan;
  map: SeatMap;
  onBest: (count: number, category: string | null) => void;
}) {
  const { booking_seats_max: seatsMax } = usePolicy();
  const [wanted, setWanted] = useState(2);
  const [category, setCategory] = useState('');
  const box =
    'h-11 rounded-full border border-line-strong bg-card px-3.5 font-semibold max-xs:text-sm hover:border-ink';
  return (
    <form
      className="grid gap-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        onBest(wanted, category || null);
      }}
    >
      <div className="flex flex-wrap items-center gap-2 max-sm:min-[24rem]:flex-nowrap max-xs:gap-1.5">
        <label>
          <span className="sr-only">How many</span>
          <select
            className={box}
            value={wanted}
            onChange={(event) => {
              setWanted(Number(event.target.value));
            }}
          >
            {Array.from({ length: seatsMax }, (_, index) => (
              <option key={index} value={index + 1}>
                {count(index + 1, 'seat')}
              </option>
            ))}
          </select>
        </label>
        {plan.categories.length > 1 && (
          <label className="min-w-0 max-sm:min-[24rem]:flex-1">
            <span className="sr-only">Category</span>
            <select
              className={`${box} max-w-full truncate max-sm:min-[24rem]:w-full`}
              value={category}
              onChange={(event) => {
                setCategory(event.target.value);
              }}
            >
              <option value="">Any price</option>
              {plan.categories.map((one) => {
                const price = map.rows.find((row) => row.category === one)?.seats[0]?.price;
                return (
                  <option key={one} value={one}>
                    {one.charAt(0).toUpperCase() + one.slice(1) + (price ? `, ${money(price)}` : '')}
                  </option>
                );
              })}
            </select>
          </label>
        )}
        <Button type="submit" className="shrink-0 max-xs:!px-3.5">
          <Sparkles size={17} aria-hidden />{' '}
          <span>
            Best<span className="max-sm:sr-only"> available</span>
          </span>
        </Button>
      </div>
    </form>
  );
}

export function ChosenSeats({
  seats,
  plan,
  map,
  onRemove,
}: {
  seats: readonly string[];
  plan: Plan;
  map: SeatMap;
  onRemove: (seat: string) => void;
}) {
  const list = useRef<HTMLUListElement>(null);
  const remove = (name: string) => {
    // This button disappears, so the focus moves to the next seat of the list, or back to the plan.
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = seats.indexOf(name);
    (buttons[at + 1] ?? buttons[at - 1] ?? document.querySelector<SVGGElement>('[data-seat][tabindex="0"]'))?.focus();
    onRemove(name);
  };
  return (
    <ul ref={list} aria-label="Chosen seats" className="flex flex-wrap gap-2 lg:grid">
      {seats.map((name) => {
        const at = plan.byName.get(name);
        const row = at && map.rows[at.row];
        const seat = at && row?.seats[at.index];
        if (!row || !seat) return null;
        return (
          <li key={name} className="fade flex items-center gap-2 rounded-full bg-sunk pl-4 lg:rounded-2xl lg:py-0.5">
            <span className="marquee text-lg">{name}</span>
            <span className="hidden capitalize text-soft lg:inline">{row.category}</span>
            <span className="numbers ml-auto text-sm lg:text-base">{money(seat.price)}</span>
            <IconButton
              label={`Remove seat ${name}`}
              className="!size-10"
              onClick={() => {
                remove(name);
              }}
            >
              <X size={17} aria-hidden />
            </IconButton>
          </li>
        );
      })}
    </ul>
  );
}

export function OwnHolds({ screening, any }: { screening: string; any: boolean }) {
  const held = useQuery({ ...reading('/bookings', { status: 'held', limit: 50 }), enabled: any });
  const booking = held.data?.items.find((one) => one.screening.screening_id === screening);
  if (!any || !booking) return null;
  return (
    <Note tone="note">
      <div className="flex items-center justify-between gap-3">
        <span>You hold {listed(booking.seats)} already.</span>
        <ButtonLink to={`/checkout/${booking.booking_id}`} size="small">
          Pay
        </ButtonLink>
      </div>
    </Note>
  );
}
