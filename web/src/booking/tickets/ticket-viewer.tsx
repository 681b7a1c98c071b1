import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { qrPicture } from '../../account/qr-picture';
import type { Booking } from '../../api/types';
import { screenName } from '../../catalogue/names';
import { IconButton } from '../../design/button';
import { useWakeLock } from '../../design/hooks';
import { t } from '../../i18n/texts';
import { Times } from './ticket-card';

const STEP = '!size-14 !text-black ring-1 ring-black/30 hover:!bg-black/10 disabled:opacity-30 rtl:-scale-x-100';

/**
 * The tickets of a booking, one to a screen, for the scanner at the door. White in both themes, so that the screen is as
 * bright as it can be; it stays on while people queue. A swipe leads to the next seat.
 */
export function TicketViewer({ booking, seat, onClose }: { booking: Booking; seat: string; onClose: () => void }) {
  const { tickets } = booking;
  const start = Math.max(
    0,
    tickets.findIndex((ticket) => ticket.seat === seat),
  );
  const [at, setAt] = useState(start);
  const frame = useRef<HTMLDialogElement>(null);
  const track = useRef<HTMLUListElement>(null);
  useWakeLock();
  useEffect(() => {
    if (frame.current?.open === false) frame.current.showModal();
  }, []);
  useLayoutEffect(() => {
    track.current?.children[start]?.scrollIntoView({ behavior: 'instant', inline: 'center' });
  }, [start]);
  const step = (by: number) => {
    track.current?.children[at + by]?.scrollIntoView({ inline: 'center', block: 'nearest' });
  };
  return (
    <dialog
      ref={frame}
      aria-label={t.ticket.large}
      className="m-0 h-dvh max-h-none w-screen max-w-none overflow-hidden bg-white p-0 text-black"
      onClose={onClose}
      onKeyDown={(event) => {
        const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
        if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
        event.preventDefault();
        step(event.key === forward ? 1 : -1);
      }}
    >
      <div className="grid h-full grid-rows-[auto_1fr_auto] select-none">
        <div className="flex items-center justify-between px-4 pt-[max(0.75rem,env(safe-area-inset-top))]">
          <p role="status" className="numbers font-semibold">
            {t.ticket.place(at + 1, tickets.length)}
            <span className="sr-only"> {tickets[at]?.seat}</span>
          </p>
          <IconButton
            label={t.design.close}
            className="!text-black hover:!bg-black/10"
            onClick={() => {
              frame.current?.close();
            }}
          >
            <X size={24} aria-hidden />
          </IconButton>
        </div>
        <ul
          ref={track}
          aria-label={t.ticket.all}
          // What scrolls must be within reach of the keyboard.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          className="flex snap-x snap-mandatory overflow-x-auto overflow-y-hidden scroll-smooth [scrollbar-width:none]"
          onScroll={({ currentTarget: { scrollLeft, clientWidth } }) => {
            // Negative from right to left.
            setAt(Math.min(Math.round(Math.abs(scrollLeft) / Math.max(1, clientWidth)), tickets.length - 1));
          }}
        >
          {tickets.map((ticket, index) => (
            <li
              key={ticket.seat}
              // Only the ticket in sight can be read out.
              aria-hidden={index !== at}
              className="grid w-full shrink-0 snap-center snap-always content-center justify-items-center gap-2 overflow-hidden px-4 text-center"
            >
              <p className="marquee line-clamp-2 text-2xl leading-tight">{booking.show.title}</p>
              <p className="text-lg font-semibold">
                <Times booking={booking} />
              </p>
              <p className="line-clamp-2">
                {screenName(booking.screen.name)}, {booking.venue.name}
              </p>
              <img
                src={qrPicture(ticket.code)}
                alt={t.ticket.codeOf(ticket.seat)}
                draggable={false}
                className="size-[min(88vw,48dvh)] min-h-40 min-w-40"
              />
              <p>
                <span className="marquee block text-5xl">{ticket.seat}</span>
                {ticket.level && <span className="line-clamp-2 font-semibold">{ticket.level}</span>}
              </p>
              <p className="numbers text-sm">{t.ticket.number(booking.reference)}</p>
            </li>
          ))}
        </ul>
        <div className="flex h-[calc(4.5rem+env(safe-area-inset-bottom))] justify-center gap-3">
          {tickets.length > 1 && (
            <>
              <IconButton
                label={t.ticket.before}
                disabled={at === 0}
                className={STEP}
                onClick={() => {
                  step(-1);
                }}
              >
                <ChevronLeft size={28} aria-hidden />
              </IconButton>
              <IconButton
                label={t.ticket.next}
                disabled={at === tickets.length - 1}
                className={STEP}
                onClick={() => {
                  step(1);
                }}
              >
                <ChevronRight size={28} aria-hidden />
              </IconButton>
            </>
          )}
        </div>
      </div>
    </dialog>
  );
}
