/** A calendar entry (RFC 5545) for a booking, generated in the browser, so that no data leaves the device. */

import type { Booking } from '../../api/types';
import { screenName } from '../../catalogue/names';
import { addressOf } from '../../design/format';
import { seatList } from '../../seats/seat-names';
import { t } from '../../i18n/texts';

const LINE_BYTES = 74;
/** When the calendar reminds, before the start. */
const ALARM = '-PT2H';

function stamp(moment: string | number): string {
  return new Date(moment).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(';', '\\;').replaceAll(',', '\\,');
}

/** Folds lines longer than 75 bytes; each continuation starts with a space. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let out = '';
  let length = 0;
  for (const letter of line) {
    const bytes = encoder.encode(letter).length;
    if (length + bytes > LINE_BYTES) {
      out += '\r\n ';
      length = 1;
    }
    out += letter;
    length += bytes;
  }
  return out;
}

export function calendarEntry(booking: Booking, now: number, origin: string): string {
  const { show, venue, screen, screening } = booking;
  const seats = t.calendar.seats(booking.seats.length, seatList(booking.seats));
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Ticket Show//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${booking.booking_id}@ticketshow`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(screening.starts_at)}`,
    `DTEND:${stamp(screening.ends_at)}`,
    `SUMMARY:${escaped(show.title)}`,
    `LOCATION:${escaped(`${venue.name}, ${addressOf(venue)}`)}`,
    `DESCRIPTION:${escaped(`${screenName(screen.name)}, ${seats}\n${t.ticket.number(booking.reference)}`)}`,
    `URL:${origin}/bookings/${booking.booking_id}`,
    'STATUS:CONFIRMED',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${escaped(show.title)}`,
    `TRIGGER:${ALARM}`,
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `${lines.map(folded).join('\r\n')}\r\n`;
}
