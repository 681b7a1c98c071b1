import { useMutation } from '@tanstack/react-query';
import { Armchair, Mail, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { command } from '../../api/client';
import { useUser } from '../../api/session/use-session';
import { screenName } from '../../catalogue/names';
import { useKey } from '../../api/keys/use-key';
import { Status } from '../../design/badge';
import { Button, ButtonLink } from '../../design/button';
import { money, whenInYear } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Empty, Note } from '../../design/notices';
import { say } from '../../design/toast';
import { seatList } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { isAllowed, MONEY } from '../access';
import { PrintButton } from '../counter/print-button';
import { Answer, Card, Title } from '../parts';
import { CustomerCard } from './customer-card';
import type { CustomersBooking } from './desk';
import { useBooking } from './use-booking';
import { DeskHistory } from './desk-history';
import { GiveBackDialog } from './give-back';
import { Notes } from './notes';
import { WaitingMove } from './waiting-move';
import { inSentences, kindOfCustomer } from './words';

export default function DeskBookingPage() {
  const { id = '' } = useParams();
  const booking = useBooking(id);
  useTitle(booking.data?.reference ?? w.desk.booking);
  return (
    <Answer of={booking}>
      {(one) => (one ? <Detail booking={one} /> : <Empty heading title={w.desk.noBooking} />)}
    </Answer>
  );
}

function Detail({ booking }: { booking: CustomersBooking }) {
  const id = booking.booking_id;
  const now = useNow(60_000);
  const { show, screening, screen, venue } = booking;
  const [giving, setGiving] = useState(false);
  const confirmed = booking.status === 'confirmed';
  const open = confirmed || booking.status === 'held' || booking.status === 'paying';
  const role = useUser()?.role;
  const key = useKey();
  const mail = useMutation({
    mutationFn: () => key.run(id, (text) => command('POST', `/bookings/${id}/mail`, { key: text })),
    onSuccess: () => {
      say(w.desk.mailed, 'good');
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <>
      <Title
        actions={
          confirmed && (
            <>
              <PrintButton booking={id} reference={booking.reference} />
              {booking.customer.email != null && kindOfCustomer(booking) !== 'erased' && (
                <Button
                  busy={mail.isPending}
                  onClick={() => {
                    mail.mutate();
                  }}
                >
                  <Mail size={18} aria-hidden /> {w.desk.mail}
                </Button>
              )}
            </>
          )
        }
      >
        <span className="numbers">{booking.reference}</span>
      </Title>
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="grid gap-5">
          <Card>
            <div className="flex flex-wrap items-start justify-between gap-4">
              <div className="min-w-0">
                <Status of={booking.status} />
                <h2 className="mt-2 text-2xl wrap-anywhere">{show.title}</h2>
                <p>
                  {whenInYear(screening.starts_at, 'full', now, screening.timezone)}, {screenName(screen.name)},{' '}
                  {venue.name}
                </p>
              </div>
              <p className="numbers marquee text-3xl">{money(booking.amount)}</p>
            </div>
            <p className="marquee my-4 text-3xl wrap-anywhere">{seatList(booking.seats)}</p>
            <ol aria-label={w.desk.happened} className="grid list-disc gap-1.5 pl-5">
              {inSentences(booking, now).map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ol>
            <WaitingMove booking={booking} />
            {open && (
              <div className="mt-6 flex flex-wrap gap-2 border-t border-line pt-5">
                {confirmed && !booking.open_move && (
                  <ButtonLink to={`/admin/desk/${id}/move?venue=${venue.venue_id}`}>
                    <Armchair size={18} aria-hidden /> {w.desk.move}
                  </ButtonLink>
                )}
                <Button
                  look="danger"
                  onClick={() => {
                    setGiving(true);
                  }}
                >
                  <Undo2 size={18} aria-hidden /> {booking.seats.length > 1 ? w.desk.giveBack : w.desk.cancel}
                </Button>
              </div>
            )}
            {booking.refund && (booking.refund.status === 'review' || booking.refund.status === 'failed') && (
              <Note tone="warn" className="mt-4">
                {isAllowed(role, MONEY) ? (
                  <Link className="link" to="/admin/money?list=refunds&status=review">
                    {w.desk.decide}
                  </Link>
                ) : (
                  w.desk.undecided
                )}
              </Note>
            )}
          </Card>
          <DeskHistory booking={booking} />
          <Notes booking={id} notes={booking.notes ?? []} closed={booking.buyer_erased} />
        </div>
        <CustomerCard booking={booking} />
      </div>
      {giving && (
        <GiveBackDialog
          booking={booking}
          onClose={() => {
            setGiving(false);
          }}
        />
      )}
    </>
  );
}
