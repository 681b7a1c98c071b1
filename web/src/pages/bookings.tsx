import { useInfiniteQuery } from '@tanstack/react-query';
import { Smartphone, Ticket } from 'lucide-react';
import { useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { listing } from '../api/queries';
import { useInstall } from '../booking/install';
import { NextUp } from '../booking/next-up';
import { TicketCard } from '../booking/ticket-card';
import { groupOf, isNextUp, type Group } from '../booking/types';
import { Button, ButtonLink } from '../design/button';
import { useNow, useTitle } from '../design/hooks';
import { Empty, Failed, Lines } from '../design/notices';
import { t } from '../i18n/texts';

const GROUPS: { group: Group; label: string; empty: string }[] = [
  { group: 'upcoming', label: 'Upcoming', empty: 'No tickets yet' },
  { group: 'past', label: 'Past', empty: 'No past visits' },
  { group: 'cancelled', label: 'Cancelled', empty: 'Nothing cancelled or expired' },
];

export default function Bookings() {
  useTitle('My tickets');
  return (
    <RequireAccount>
      <List />
    </RequireAccount>
  );
}

function List() {
  const [params, setParams] = useSearchParams();
  const group = GROUPS.find((one) => one.group === params.get('list')) ?? GROUPS[0];
  const now = useNow(30_000);
  const bookings = useInfiniteQuery(listing('/bookings', { limit: 50 }));
  const mine = bookings.data?.items.filter((booking) => groupOf(booking, now) === group?.group);
  const direction = group?.group === 'upcoming' ? 1 : -1;
  mine?.sort((a, b) => direction * (Date.parse(a.screening.starts_at) - Date.parse(b.screening.starts_at)));
  const first = group?.group === 'upcoming' ? mine?.find((booking) => isNextUp(booking, now)) : undefined;
  const others = mine?.filter((booking) => booking !== first);
  return (
    <div className="page pt-8">
      <h1 className="text-4xl sm:text-5xl">My tickets</h1>
      <nav aria-label="Which tickets" className="my-6 flex gap-1 overflow-x-auto rounded-full bg-sunk p-1 sm:w-fit">
        {GROUPS.map((one) => (
          <button
            key={one.group}
            type="button"
            aria-current={one.group === group?.group ? 'page' : undefined}
            onClick={() => {
              setParams(one.group === 'upcoming' ? {} : { list: one.group }, { replace: true });
            }}
            className={`min-h-11 flex-1 rounded-full px-4 font-semibold transition-colors max-xs:px-2.5 sm:px-6 ${
              one.group === group?.group ? 'bg-card shadow-card' : 'text-soft hover:text-ink'
            }`}
          >
            {one.label}
          </button>
        ))}
      </nav>
      {first && <NextUp booking={first} />}
      {bookings.error && !bookings.data ? (
        <Failed error={bookings.error} retry={() => void bookings.refetch()} />
      ) : !mine || !others ? (
        <Lines />
      ) : mine.length === 0 ? (
        <Empty title={group?.empty ?? ''} icon={<Ticket size={34} aria-hidden />}>
          {group?.group === 'upcoming' && (
            <ButtonLink to="/shows" look="gold">
              See what is on
            </ButtonLink>
          )}
        </Empty>
      ) : (
        <ul aria-label={group?.label} className="grid gap-4 md:grid-cols-2 xl:gap-6">
          {others.map((booking) => (
            <li key={booking.booking_id}>
              <TicketCard booking={booking} />
            </li>
          ))}
        </ul>
      )}
      {mine?.some((booking) => booking.status === 'confirmed') && <Install />}
      {bookings.hasNextPage && (
        <div className="mt-8 text-center">
          <Button busy={bookings.isFetchingNextPage} onClick={() => void bookings.fetchNextPage()}>
            Older bookings
          </Button>
        </div>
      )}
    </div>
  );
}

/** Offers to install the app, where the browser can. */
function Install() {
  const install = useInstall();
  if (!install) return null;
  return (
    <div className="mt-8 flex flex-wrap items-center justify-between gap-3 rounded-3xl bg-sunk px-5 py-4">
      <p className="font-medium">{t.ticket.installWhy}</p>
      <Button onClick={install}>
        <Smartphone size={18} aria-hidden /> {t.ticket.install}
      </Button>
    </div>
  );
}
