import { useSearchParams } from 'react-router';

import { useTitle } from '../../design/hooks';
import { Segments } from '../../design/segments';
import { w } from '../../i18n/work/texts';
import { Title } from '../parts';
import { BookingList } from './booking-list';
import { CreditList } from './credit-list';
import { InvoiceList } from './invoice-list';
import { PaymentList } from './payment-list';
import { ReconciliationReport } from './reconciliation';
import { RefundList } from './refund-list';
import { SalesList } from './sales-list';

const LISTS = ['sales', 'bookings', 'payments', 'invoices', 'refunds', 'credits', 'reconciliation'] as const;

export default function MoneyPage() {
  useTitle(w.money.title);
  const [params, setParams] = useSearchParams();
  const list = LISTS.find((one) => one === params.get('list')) ?? 'sales';
  return (
    <>
      <Title>{w.money.title}</Title>
      <Segments
        label={w.money.which}
        all={LISTS.map((name) => [name, w.money.lists[name]] as const)}
        current={list}
        onChoose={(name) => {
          setParams({ list: name });
        }}
      />
      {list === 'sales' && <SalesList />}
      {list === 'bookings' && <BookingList />}
      {list === 'payments' && <PaymentList />}
      {list === 'invoices' && <InvoiceList />}
      {list === 'refunds' && <RefundList />}
      {list === 'credits' && <CreditList />}
      {list === 'reconciliation' && <ReconciliationReport />}
    </>
  );
}
