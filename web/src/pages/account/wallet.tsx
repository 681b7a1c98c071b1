import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { ENTRY_ICONS } from '../../account/entry-kinds';
import { RequireAccount } from '../../account/require-account';
import { TopUp } from '../../account/top-up';
import { listing, reading } from '../../api/queries';
import { Button } from '../../design/button';
import { money, when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { Bone, Empty, Failed, Lines } from '../../design/notices';
import { t } from '../../i18n/texts';

export default function WalletPage() {
  useTitle(t.frame.wallet);
  return (
    <RequireAccount>
      <div className="page max-w-5xl pt-8">
        <h1 className="mb-6 text-4xl sm:text-5xl">{t.frame.wallet}</h1>
        <div className="grid items-start gap-6 md:grid-cols-[20rem_1fr]">
          <Balance />
          <Ledger />
        </div>
      </div>
    </RequireAccount>
  );
}

function Balance() {
  const wallet = useQuery(reading('/wallet'));
  return (
    <div className="grid gap-4">
      <div className="arrive rounded-3xl bg-gold p-6 text-on-gold shadow-card">
        <p className="font-semibold">{t.wallet.have}</p>
        {wallet.data ? (
          <p className="numbers marquee text-5xl">{money(wallet.data.balance)}</p>
        ) : wallet.error ? (
          <p className="marquee text-5xl">–</p>
        ) : (
          <Bone className="h-12 w-2/3 !bg-black/10" />
        )}
      </div>
      {wallet.error && !wallet.data && <Failed error={wallet.error} retry={() => void wallet.refetch()} />}
      {/* As tall as the form, so that the list below does not move. */}
      {wallet.isPending && <Bone className="h-72 rounded-3xl max-xs:h-[20.25rem]" />}
      {wallet.data && (
        <section
          aria-label={t.checkout.addMoney}
          className="arrive rounded-3xl bg-card p-5 shadow-card"
          style={{ animationDelay: '60ms' }}
        >
          <h2 className="mb-3 text-2xl">{t.checkout.addMoney}</h2>
          <TopUp atLeast={{ ...wallet.data.balance, amount_minor: 0 }} />
        </section>
      )}
    </div>
  );
}

function Ledger() {
  const entries = useInfiniteQuery(listing('/wallet/transactions'));
  const bookings = useInfiniteQuery(listing('/bookings', { limit: 50 }));
  const titles = new Map(bookings.data?.items.map((booking) => [booking.booking_id, booking.show.title]));
  return (
    <section
      aria-label={t.wallet.transactions}
      className="arrive rounded-3xl bg-card p-5 shadow-card sm:p-6"
      style={{ animationDelay: '90ms' }}
    >
      <h2 className="mb-2 text-2xl">{t.wallet.transactions}</h2>
      {entries.error && !entries.data ? (
        <Failed error={entries.error} retry={() => void entries.refetch()} />
      ) : !entries.data ? (
        <Lines />
      ) : entries.data.items.length === 0 ? (
        <Empty title={t.wallet.none}>{t.wallet.oneTap}</Empty>
      ) : (
        <ul className="divide-y divide-line">
          {entries.data.items.map((entry, index) => {
            const Icon = ENTRY_ICONS[entry.kind];
            const about = [titles.get(entry.booking_id ?? ''), entry.reason].filter(Boolean).join(' · ');
            const incoming = entry.amount.amount_minor > 0;
            const text = (
              <>
                <span className="block font-semibold">{t.wallet.kinds[entry.kind]}</span>
                {about && <span className="line-clamp-2 text-sm text-soft wrap-anywhere">{about}</span>}
                <span className="block text-sm text-soft">{when(entry.created_at, 'full')}</span>
              </>
            );
            return (
              <li key={index} className="flex items-center gap-3 py-3">
                <span
                  className={`grid size-10 shrink-0 place-items-center rounded-full ${
                    incoming ? 'bg-good-wash text-good' : 'bg-sunk text-soft'
                  }`}
                >
                  <Icon size={18} aria-hidden />
                </span>
                {entry.booking_id ? (
                  <Link to={`/bookings/${entry.booking_id}`} className="min-w-0 flex-1 hover:underline">
                    {text}
                  </Link>
                ) : (
                  <div className="min-w-0 flex-1">{text}</div>
                )}
                <span className="shrink-0 text-end leading-tight">
                  <span className={`numbers block font-bold ${incoming ? 'text-good' : ''}`}>
                    {incoming && '+'}
                    {money(entry.amount)}
                  </span>
                  <span className="numbers text-sm text-soft">{money(entry.balance_after)}</span>
                </span>
              </li>
            );
          })}
        </ul>
      )}
      {entries.hasNextPage && (
        <div className="mt-4 text-center">
          <Button busy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
            {t.wallet.older}
          </Button>
        </div>
      )}
    </section>
  );
}
