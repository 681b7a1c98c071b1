/** A calendar entry (RFC 5545) for a booking, generated in the browser, so that no data leaves the device. */

import type { Booking } from '../api/types';

const LINE_BYTES = 74;

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

export function calendarEntry(booking: Booking, now: number): string {
  const { show, venue, screen, screening } = booking;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Ticket Show//EN',
    'BEGIN:VEVENT',
    `UID:${booking.booking_id}@ticketshow`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(screening.starts_at)}`,
    `DTEND:${stamp(screening.ends_at)}`,
    `SUMMARY:${escaped(show.title)}`,
    `LOCATION:${escaped([venue.name, venue.address, venue.city].filter(Boolean).join(', '))}`,
    `DESCRIPTION:${escaped(`${screen.name}, seats ${booking.seats.join(', ')}`)}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `${lines.map(folded).join('\r\n')}\r\n`;
}
