import { useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';

import { useTitle } from '../../design/hooks';
import { w } from '../../i18n/work/texts';
import { Title } from '../parts';
import { BookingList } from './booking-list';
import { CreditList } from './credit-list';
import { PaymentList } from './payment-list';
import { ReconciliationReport } from './reconciliation';
import { RefundList } from './refund-list';
import { SalesList } from './sales-list';

const LISTS = ['sales', 'bookings', 'payments', 'refunds', 'credits', 'reconciliation'] as const;

export default function MoneyPage() {
  useTitle(w.money.title);
  const [params, setParams] = useSearchParams();
  const list = LISTS.find((one) => one === params.get('list')) ?? 'sales';
  const rail = useRef<HTMLElement>(null);
  useEffect(() => {
    // On phones not all lists fit: the one that is open is brought into sight.
    const open = rail.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (open && rail.current)
      rail.current.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - rail.current.clientWidth / 2;
  }, [list]);
  return (
    <>
      <Title>{w.money.title}</Title>
      <nav
        ref={rail}
        aria-label={w.money.which}
        className={[
          'relative mb-6 flex w-full gap-1 overflow-x-auto rounded-full bg-sunk p-1',
          '[scrollbar-width:none] sm:w-fit',
        ].join(' ')}
      >
        {LISTS.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={name === list ? 'page' : undefined}
            onClick={() => {
              setParams({ list: name });
            }}
            className={[
              'min-h-10 rounded-full px-4 font-semibold whitespace-nowrap transition-colors',
              name === list ? 'bg-card shadow-card' : 'text-soft hover:text-ink',
            ].join(' ')}
          >
            {w.money.lists[name]}
          </button>
        ))}
      </nav>
      {list === 'sales' && <SalesList />}
      {list === 'bookings' && <BookingList />}
      {list === 'payments' && <PaymentList />}
      {list === 'refunds' && <RefundList />}
      {list === 'credits' && <CreditList />}
      {list === 'reconciliation' && <ReconciliationReport />}
    </>
  );
}
