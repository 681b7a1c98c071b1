import { useMutation } from '@tanstack/react-query';
import { Armchair, CalendarPlus, Download, Mail, RotateCcw, Undo2 } from 'lucide-react';
import { useState } from 'react';

import { command, getFile } from '../api/client';
import { useKey } from '../api/keys/use-key';
import { Problem } from '../api/problem';
import type { Booking } from '../api/types';
import { Button, ButtonLink } from '../design/button';
import { say } from '../design/toast';
import { t } from '../i18n/texts';
import { useCalledOff } from './called-off';
import { CancelDialog } from './cancel-dialog';
import { GiveBackDialog } from './give-back-dialog';
import { InvoiceButton } from './invoice-button';
import { calendarEntry } from './tickets/calendar';
import { download } from './tickets/download';
import { canChange, canGiveBack, isOpen, whenOf } from './types';

/** Everything that can be done with a booking. */
export function Actions({ booking, now }: { booking: Booking; now: number }) {
  const [cancelling, setCancelling] = useState(false);
  const [giving, setGiving] = useState(false);
  const id = booking.booking_id;
  const confirmed = booking.status === 'confirmed';
  const calledOff = useCalledOff(booking) !== null;
  const pdf = useMutation({
    mutationFn: () => getFile(`/bookings/${id}/tickets.pdf`, 'application/pdf'),
    onSuccess: (file) => {
      download(file, t.booking.file(booking.show.title));
    },
    onError: (problem) => {
      say(problem instanceof Problem && problem.notOffered ? t.booking.noPdf : problem.message, 'bad');
    },
  });
  const key = useKey();
  const mail = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/mail`, { key: key.of(id) }),
    onSuccess: () => {
      key.done();
      say(t.booking.mailed, 'good');
    },
    onError: (problem) => {
      key.failed(problem);
      say(problem instanceof Problem && problem.notOffered ? t.booking.noMail : problem.message, 'bad');
    },
  });
  // An open move has its own way out.
  const canCancel = canChange(booking, now) && !booking.open_move;
  return (
    <>
      {confirmed && (
        <>
          <Button
            onClick={() => {
              pdf.mutate();
            }}
            busy={pdf.isPending}
          >
            <Download size={18} aria-hidden /> {t.booking.pdf}
          </Button>
          <Button
            onClick={() => {
              download(
                new Blob([calendarEntry(booking, now, window.location.origin)], { type: 'text/calendar' }),
                `${booking.show.title}.ics`,
              );
            }}
          >
            <CalendarPlus size={18} aria-hidden /> {t.booking.calendar}
          </Button>
          <Button
            onClick={() => {
              mail.mutate();
            }}
            busy={mail.isPending}
          >
            <Mail size={18} aria-hidden /> {t.booking.mail}
          </Button>
        </>
      )}
      <InvoiceButton booking={booking} />
      {canCancel && (
        <ButtonLink to={`/bookings/${id}/move`}>
          <Armchair size={18} aria-hidden /> {t.move.title}
        </ButtonLink>
      )}
      {canCancel && canGiveBack(booking, now) && (
        <Button
          onClick={() => {
            setGiving(true);
          }}
        >
          <Undo2 size={18} aria-hidden /> {t.giveBack.title}
        </Button>
      )}
      {canCancel && (
        <Button
          look="danger"
          onClick={() => {
            setCancelling(true);
          }}
        >
          {t.booking.cancel}
        </Button>
      )}
      {confirmed && booking.cancellation && !canChange(booking, now) && (
        <p className="col-span-2 self-center px-2 text-sm text-soft">
          {t.booking.couldUntil(whenOf(booking, booking.cancellation.until))}
        </p>
      )}
      {!confirmed && !isOpen(booking, now) && calledOff && (
        <ButtonLink to={`/shows/${booking.show.show_id}`}>{t.seats.otherTimes}</ButtonLink>
      )}
      {!confirmed && !isOpen(booking, now) && !calledOff && Date.parse(booking.screening.starts_at) > now && (
        <ButtonLink to={`/screenings/${booking.screening.screening_id}`}>
          <RotateCcw size={17} aria-hidden /> {t.booking.again}
        </ButtonLink>
      )}
      {giving && (
        <GiveBackDialog
          booking={booking}
          onClose={() => {
            setGiving(false);
          }}
        />
      )}
      {cancelling && (
        <CancelDialog
          booking={booking}
          onClose={() => {
            setCancelling(false);
          }}
        />
      )}
    </>
  );
}
