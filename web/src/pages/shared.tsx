import { useQuery } from '@tanstack/react-query';
import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { useLocation } from 'react-router';

import { linkToken } from '../account/link-token';
import { qrPicture } from '../account/qr-picture';
import { Problem } from '../api/problem';
import type { SharedTicket } from '../api/types';
import { openShare } from '../booking/tickets/shared-ticket';
import { categoryName, screenName } from '../catalogue/names';
import { ButtonLink } from '../design/button';
import { addressOf, mapOf, when, zoneNote } from '../design/format';
import { useTitle, useWakeLock } from '../design/hooks';
import { Empty, Failed, Lines } from '../design/notices';
import { t } from '../i18n/texts';

/** A screening may be called off while the page is open, in milliseconds. */
const STANDING_MS = 20_000;

/** One ticket, behind the link that a friend has sent. The token stays in the address, so that the page can be kept. */
export default function Shared() {
  const token = linkToken(useLocation());
  const ticket = useQuery<SharedTicket, Problem>({
    queryKey: ['/shares/open', token],
    queryFn: () => openShare(token ?? ''),
    enabled: token !== null,
    refetchInterval: STANDING_MS,
  });
  useTitle(ticket.data?.show_title ?? t.share.page);
  useEffect(() => {
    // As for tickets of one's own: it opens without a network.
    if ('serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  }, []);
  const ended = token === null || ticket.error?.status === 404;
  return (
    <div className="page max-w-xl py-6 sm:py-10">
      {ended ? (
        <Empty heading title={t.share.ended} icon={<CloudOff size={34} aria-hidden />}>
          <p>{t.share.endedWhy}</p>
          <ButtonLink to="/">{t.design.homePage}</ButtonLink>
        </Empty>
      ) : ticket.data ? (
        <Ticket ticket={ticket.data} />
      ) : ticket.error ? (
        <Failed error={ticket.error} retry={() => void ticket.refetch()} />
      ) : (
        <Lines />
      )}
    </div>
  );
}

function Ticket({ ticket }: { ticket: SharedTicket }) {
  useWakeLock();
  const venue = { name: ticket.venue_name, address: ticket.address ?? null, city: ticket.city };
  const note = zoneNote(ticket.starts_at, ticket.timezone, ticket.city);
  return (
    // Black on white in both themes, for the scanner.
    <article className="arrive grid justify-items-center gap-2 rounded-3xl bg-white p-5 text-center text-black shadow-lift ring-1 ring-black/10 sm:p-8">
      <h1 className="text-3xl wrap-anywhere">{ticket.show_title}</h1>
      <p className="text-lg font-semibold">
        {when(ticket.starts_at, 'full', ticket.timezone)}
        {note && ` (${note})`}
      </p>
      <p>
        {screenName(ticket.screen_name)}, {ticket.venue_name}
      </p>
      <p className="text-sm">
        {addressOf(venue)} ·{' '}
        <a href={mapOf(venue)} target="_blank" rel="noreferrer" className="font-semibold underline">
          {t.venue.map}
        </a>
      </p>
      <img src={qrPicture(ticket.code)} alt={t.ticket.codeOf(ticket.seat)} className="size-[min(80vw,22rem)]" />
      <p>
        <span className="marquee block text-5xl">{ticket.seat}</span>
        {ticket.level && <span className="block font-semibold wrap-anywhere">{ticket.level}</span>}
        <span>{categoryName(ticket.category)}</span>
      </p>
      <p className="max-w-sm text-sm">{t.share.atDoor}</p>
    </article>
  );
}
