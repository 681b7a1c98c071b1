import { useInfiniteQuery } from '@tanstack/react-query';
import { Smartphone, Ticket } from 'lucide-react';
import { useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { listing } from '../api/queries';
import { useInstall } from '../booking/tickets/install';
import { NextUp } from '../booking/tickets/next-up';
import { TicketCard } from '../booking/tickets/ticket-card';
import { groupOf, isNextUp, type Group } from '../booking/types';
import { WaitingList } from '../booking/waiting/list';
import { Button, ButtonLink } from '../design/button';
import { useNow, useTitle } from '../design/hooks';
import { Empty, Failed, Lines } from '../design/notices';
import { Segments } from '../design/segments';
import { t } from '../i18n/texts';

const GROUPS: readonly Group[] = ['upcoming', 'past', 'cancelled'];

export default function Bookings() {
  useTitle(t.frame.myTickets);
  return (
    <RequireAccount>
      <List />
    </RequireAccount>
  );
}

function List() {
  const [params, setParams] = useSearchParams();
  const group = GROUPS.find((one) => one === params.get('list')) ?? 'upcoming';
  const now = useNow(30_000);
  const bookings = useInfiniteQuery(listing('/bookings', { limit: 50 }));
  const mine = bookings.data?.items.filter((booking) => groupOf(booking, now) === group);
  const direction = group === 'upcoming' ? 1 : -1;
  mine?.sort((a, b) => direction * (Date.parse(a.screening.starts_at) - Date.parse(b.screening.starts_at)));
  const first = group === 'upcoming' ? mine?.find((booking) => isNextUp(booking, now)) : undefined;
  const others = mine?.filter((booking) => booking !== first);
  return (
    <div className="page pt-8">
      <h1 className="text-4xl sm:text-5xl">{t.frame.myTickets}</h1>
      <Segments
        label={t.booking.which}
        all={GROUPS.map((one) => [one, t.booking.groups[one]] as const)}
        current={group}
        onChoose={(one) => {
          setParams(one === 'upcoming' ? {} : { list: one }, { replace: true });
        }}
      />
      {group === 'upcoming' && <WaitingList />}
      {first && <NextUp booking={first} />}
      {bookings.error && !bookings.data ? (
        <Failed error={bookings.error} retry={() => void bookings.refetch()} />
      ) : !mine || !others ? (
        <Lines />
      ) : mine.length === 0 && !bookings.hasNextPage ? (
        <Empty title={t.booking.none[group]} icon={<Ticket size={34} aria-hidden />}>
          {group === 'upcoming' && (
            <ButtonLink to="/shows" look="gold">
              {t.booking.whatIsOn}
            </ButtonLink>
          )}
        </Empty>
      ) : others.length === 0 ? null : (
        <ul aria-label={t.booking.groups[group]} className="grid gap-4 md:grid-cols-2 xl:gap-6">
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
            {t.booking.older}
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
