import { Check } from 'lucide-react';

import { Button } from '../design/button';
import { when } from '../design/format';
import { ticketType } from '../i18n/ticket-type';
import { w } from '../i18n/work/texts';
import type { Guest, Party } from './guests';

/** The guests of a booking, who is in, and buttons for the others. */
export function PartyCard({
  party,
  timezone,
  busy,
  onAdmit,
  onUndo,
}: {
  party: Party;
  timezone: string;
  busy: boolean;
  onAdmit: (party: Party, seats: string[]) => void;
  onUndo: (guest: Guest) => void;
}) {
  const outside = party.guests.filter(({ checked_in_at }) => !checked_in_at);
  const inside = party.guests.length - outside.length;
  return (
    <article aria-label={party.name ?? party.reference} className="rounded-2xl bg-card p-4 shadow-card">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="min-w-0 text-xl wrap-anywhere">{party.name ?? w.party.counter}</h3>
        <p className="numbers whitespace-nowrap text-soft">{party.reference}</p>
      </div>
      <p className="mb-3 text-soft">
        {w.party.guests(party.guests.length)}
        {inside > 0 && (inside === party.guests.length ? w.party.allIn : w.party.someIn(inside))}
      </p>
      <ul className="grid gap-2">
        {party.guests.map((guest) => (
          <li key={guest.seat} className="flex min-h-12 items-center gap-3 rounded-xl bg-sunk py-1 pl-4 pr-1">
            <span className="marquee whitespace-nowrap text-xl">{guest.seat}</span>
            <span className="min-w-0 text-sm leading-tight text-soft">
              {guest.level && <span className="block font-semibold text-ink wrap-anywhere">{guest.level}</span>}
              {guest.ticket_type !== 'standard' && <span className="block">{ticketType(guest.ticket_type)}</span>}
              {guest.checked_in_at && (
                <span className="flex items-center gap-1 text-good">
                  <Check size={15} aria-hidden /> {w.party.inSince(when(guest.checked_in_at, 'time', timezone))}
                  {guest.pending && w.party.unreported}
                </span>
              )}
            </span>
            {guest.checked_in_at ? (
              <Button
                look="quiet"
                className="ml-auto"
                disabled={busy}
                aria-label={w.party.undoOf(guest.seat)}
                onClick={() => {
                  onUndo(guest);
                }}
              >
                {w.party.undo}
              </Button>
            ) : (
              <Button
                className="ml-auto"
                disabled={busy}
                aria-label={w.party.admitOf(guest.seat)}
                onClick={() => {
                  onAdmit(party, [guest.seat]);
                }}
              >
                {w.party.admit}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {outside.length > 1 && (
        <Button
          look="gold"
          size="large"
          className="mt-3 w-full"
          busy={busy}
          onClick={() => {
            onAdmit(
              party,
              outside.map(({ seat }) => seat),
            );
          }}
        >
          {inside > 0 ? w.party.admitOthers(outside.length) : w.party.admitAll(outside.length)}
        </Button>
      )}
    </article>
  );
}
