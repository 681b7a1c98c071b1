import { getFile } from '../../api/client';
import { download } from '../../booking/tickets/download';
import { w } from '../../i18n/work/texts';
import type { Paper } from './paper';

/**
 * Opens the tickets of a booking as a PDF, from where the browser prints them. The window is opened before the file is
 * there, because browsers allow it only as the answer to a click; one that does not allow it gets the file.
 */
export async function printTickets(booking: string, reference: string, paper: Paper): Promise<void> {
  const shown = window.open('', '_blank');
  try {
    const file = await getFile(`/bookings/${booking}/tickets.pdf`, 'application/pdf', { paper });
    if (shown) shown.location.href = URL.createObjectURL(file);
    else download(file, w.sale.file(reference));
  } catch (problem) {
    shown?.close();
    throw problem;
  }
}
