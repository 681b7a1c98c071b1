import { useMutation } from '@tanstack/react-query';
import { ReceiptText } from 'lucide-react';

import { getFile } from '../api/client';
import type { Booking } from '../api/types';
import { Button } from '../design/button';
import { say } from '../design/toast';
import { t } from '../i18n/texts';
import { download } from './tickets/download';

/** Downloads the invoice of a booking that was paid, with its credit notes. */
export function InvoiceButton({ booking }: { booking: Booking }) {
  const invoice = useMutation({
    mutationFn: () => getFile(`/bookings/${booking.booking_id}/invoice.pdf`, 'application/pdf'),
    onSuccess: (file) => {
      download(file, t.booking.invoiceFile(booking.reference));
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  if (!wasPaid(booking)) return null;
  const notes = creditNotesOf(booking);
  return (
    <Button
      onClick={() => {
        invoice.mutate();
      }}
      busy={invoice.isPending}
    >
      <ReceiptText size={18} aria-hidden /> {notes > 0 ? t.booking.invoiceWith(notes) : t.booking.invoice}
    </Button>
  );
}

/** Credit notes in the file: one each time that money of the booking went back, or is on its way. */
export function creditNotesOf({ refund, returns }: Booking): number {
  return [refund, ...returns.map((back) => back.refund)].filter((one) => one != null).length;
}

/** Free bookings and those that were never paid have no invoice. */
export function wasPaid({ status, amount, refund }: Booking): boolean {
  return (status === 'confirmed' && amount.amount_minor > 0) || refund != null;
}
