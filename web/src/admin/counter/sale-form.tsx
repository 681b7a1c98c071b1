import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { outdated, reading } from '../../api/queries';
import type { CounterMethod, Money, Screening, SeatMap, SoldBooking, WantedSale } from '../../api/types';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { money, parseMoney, sum } from '../../design/format';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { seatList } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { bestSeats } from '../../seats/choice/best';
import { feeFor } from '../../seats/choice/ticket-types';
import { useTypes } from '../../seats/choice/use-types';
import { usePlan } from '../../seats/map/use-plan';
import { w } from '../../i18n/work/texts';
import { Cash } from './cash';
import { takenOf, type Taken } from './change';
import { appliedCode, isTypedOnly, NO_CODE } from './code';
import { METHODS, Methods } from './methods';
import { PromotionField } from './promotion-field';
import { saleToSend } from './sale';
import { Sold, SoldBefore } from './sold';
import { StaffMap } from './staff-map';
import { TicketTypes } from './ticket-types';
import { useOpenTill } from './use-open-till';
import { useQuote } from './use-quote';
import { useSeats } from './use-seats';

const NOBODY = { name: '', email: '', phone: '' };

/** The seat map of a screening, and what is sold of it. */
export function SaleForm({ screening, map, onTill }: { screening: Screening; map: SeatMap; onTill: () => void }) {
  const id = screening.screening_id;
  const plan = usePlan(map);
  const { currency } = usePolicy();
  const key = useKey();
  const sell = useMutation({
    mutationFn: (body: WantedSale) => command('POST', '/box-office/sales', { body, key: key.of(body) }),
    onSuccess: () => {
      key.done();
      return outdated(`/screenings/${id}`, '/screenings', '/box-office/tills', '/admin/bookings');
    },
    onError: (problem) => {
      key.failed(problem);
      void outdated(`/screenings/${id}`, '/box-office/quotes', '/box-office/tills');
    },
  });
  const isUnsure = sell.error instanceof Problem && sell.error.isUnsure;
  const { seats, toggle, clear, choose } = useSeats(map, isUnsure || sell.isPending);
  const [method, setMethod] = useState<CounterMethod>('cash');
  const [reason, setReason] = useState('');
  const [customer, setCustomer] = useState(NOBODY);
  const [code, setCode] = useState(NO_CODE);
  const [given, setGiven] = useState('');
  const [sold, setSold] = useState<{ booking: SoldBooking; taken: Taken } | null>(null);
  const blocks = useQuery({ ...reading(`/screenings/${id}/blocks`), retry: false });
  const free = method === 'complimentary';
  const types = useTypes(screening, map, plan, seats, null);
  const fee = feeFor(seats.length, screening);
  const price = sum([...types.amounts, ...(fee ? [fee] : [])], currency.code);
  const blockOf = (seat: string) => blocks.data?.items.find((block) => block.seats.includes(seat));
  const chosen = seats.map((seat) => {
    const [block, ticket_type] = [blockOf(seat), types.typeOf(seat)];
    return { seat, ...(ticket_type && { ticket_type }), ...(block && { block_id: block.block_id }) };
  });
  const quote = useQuote(id, chosen, code.applied, !free);
  const promotion = quote.data?.promotion;
  const due: Money = free ? { ...price, amount_minor: 0 } : (quote.data?.amount ?? price);

  // The code is of the buyer whose seats these were.
  if (seats.length === 0 && code !== NO_CODE) setCode(NO_CODE);
  // So is the cash.
  if (seats.length === 0 && given !== '') setGiven('');
  const startAgain = () => {
    clear();
    setReason('');
    setCustomer(NOBODY);
    // Free tickets are the exception: the next customer pays.
    if (free) setMethod('cash');
  };
  // A refusal was about the sale that is given up.
  const giveUp = () => {
    sell.reset();
    if (seats.length === 0) setSold(null);
    startAgain();
  };
  // A typed code counts, but nothing is sold at a price that was not in sight.
  const isCodeOpen = !free && isTypedOnly(code);

  const sellNow = () => {
    if (isCodeOpen) {
      setCode(appliedCode(code));
      return;
    }
    const person = Object.fromEntries(Object.entries(customer).filter(([, value]) => value.trim() !== ''));
    const sale: WantedSale = {
      screening_id: id,
      seats: chosen,
      method,
      ...(promotion && { promotion_id: promotion.promotion_id, amount: due }),
      ...(reason.trim() && { reason: reason.trim() }),
      ...(Object.keys(person).length > 0 && { customer: person }),
    };
    sell.mutate(saleToSend(sale, isUnsure ? sell.variables : undefined), {
      onSuccess: (booking) => {
        setSold({ booking, taken: takenOf(booking, parseMoney(given, currency.code)) });
        startAgain();
      },
    });
  };
  const ready = seats.length > 0 && (!free || reason.trim() !== '') && !sell.isPending && !quote.isLoading;
  const choosing = (name: string) => {
    sell.reset();
    toggle(name);
  };
  const best = (wanted: number) => {
    const found = bestSeats(map, plan, { count: wanted, categories: null });
    sell.reset();
    if (found.length === 0) say(w.sale.noneFree(wanted));
    else choose(found);
  };

  // Keys for those who sell all day: the way to pay, the sale, and a new start.
  const keys = useRef<(event: KeyboardEvent) => void>(() => undefined);
  useEffect(() => {
    keys.current = (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && ready) {
        event.preventDefault();
        sellNow();
        return;
      }
      const typing = event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') giveUp();
      const at = METHODS[Number(event.key) - 1];
      if (at) setMethod(at.method);
    };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      keys.current(event);
    };
    document.addEventListener('keydown', listen);
    return () => {
      document.removeEventListener('keydown', listen);
    };
  }, []);

  const till = useOpenTill();
  const noTill = sell.error instanceof Problem && sell.error.slug === 'no-open-till';
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="h-[52dvh] min-h-80 overflow-hidden rounded-3xl bg-sunk/60 lg:h-[calc(100dvh-21rem)] lg:min-h-[30rem]">
        <StaffMap map={map} plan={plan} seats={seats} onSeat={choosing} />
      </div>
      <section aria-label={w.sale.till} className="grid content-start gap-4 rounded-3xl bg-card p-5 shadow-card">
        {/* The change of the last sale stays in sight until the next one is made. */}
        {sold && (seats.length === 0 ? <Sold {...sold} /> : <SoldBefore {...sold} />)}
        {seats.length === 0 ? (
          <div className="grid gap-3">
            {!sold && <p className="text-soft">{w.sale.tap}</p>}
            <div role="group" aria-label={w.sale.bestFree} className="flex flex-wrap gap-2">
              {[1, 2, 3, 4, 5, 6].map((wanted) => (
                <Button
                  key={wanted}
                  aria-label={w.sale.best(wanted)}
                  className="!min-w-11 !px-3"
                  onClick={() => {
                    best(wanted);
                  }}
                >
                  {wanted}
                </Button>
              ))}
            </div>
            <Link className="link" to={`/admin/screenings/${id}`}>
              {w.sale.houseSeats}
            </Link>
          </div>
        ) : (
          <form
            className="grid gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (ready) sellNow();
            }}
          >
            <div>
              <p className="flex items-baseline justify-between gap-4">
                <span className="text-soft">{t.count.seats(seats.length)}</span>
                <button type="button" className="link text-sm" onClick={giveUp}>
                  {w.sale.clear}
                </button>
              </p>
              <p className="marquee text-2xl wrap-anywhere">{seatList(seats)}</p>
              {[...new Set(seats.flatMap((seat) => blockOf(seat)?.reason ?? []))].map((why) => (
                <p key={why} className="text-sm text-note">
                  {w.sale.ofHouse(why)}
                </p>
              ))}
            </div>
            <TicketTypes seats={seats} types={types} />
            <div>
              <p className="numbers marquee text-5xl">{money(due)}</p>
              {fee && !free && <p className="text-sm text-soft">{w.sale.fee(money(fee))}</p>}
            </div>
            {!free && (
              <PromotionField
                quote={quote.data}
                error={quote.error}
                code={code}
                onCode={setCode}
                onRetry={quote.retry}
              />
            )}
            <Methods method={method} onMethod={setMethod} />
            {method === 'cash' && <Cash price={due} text={given} onText={setGiven} />}
            {free && (
              <TextField
                label={w.sale.reason}
                required
                maxLength={200}
                placeholder={w.sale.reasons}
                value={reason}
                onChange={({ target }) => {
                  setReason(target.value);
                }}
              />
            )}
            <details className="group rounded-2xl bg-sunk px-4">
              <summary className="flex min-h-11 cursor-pointer items-center font-semibold">{w.sale.customer}</summary>
              <div className="grid gap-3 pb-4">
                {(
                  [
                    ['name', w.sale.name, 'text'],
                    ['email', w.sale.email, 'email'],
                    ['phone', w.sale.phone, 'tel'],
                  ] as const
                ).map(([name, label, type]) => (
                  <TextField
                    key={name}
                    label={label}
                    type={type}
                    autoComplete="off"
                    value={customer[name]}
                    onChange={({ target }) => {
                      setCustomer({ ...customer, [name]: target.value });
                    }}
                  />
                ))}
              </div>
            </details>
            {noTill && !till && (
              <Note tone="warn">
                {w.sale.noTill}{' '}
                <button type="button" className="link" onClick={onTill}>
                  {w.sale.openTill}
                </button>
              </Note>
            )}
            {!noTill && <Refused error={sell.error} />}
            <Button type="submit" look="gold" size="large" busy={sell.isPending} disabled={!ready}>
              {free ? w.sale.give(seats.length) : isCodeOpen ? w.sale.checkCode : w.sale.sell(money(due))}
            </Button>
            <p aria-hidden className="text-center text-sm text-soft max-lg:hidden">
              {w.sale.keys}
            </p>
          </form>
        )}
      </section>
    </div>
  );
}
