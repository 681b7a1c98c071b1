import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import type { WaitingPlace } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { Button, ButtonLink } from '../../design/button';
import { countdown } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Refused } from '../../design/notices';
import { Question } from '../../design/question';
import { say } from '../../design/toast';
import { listed } from '../../i18n/language';
import { t } from '../../i18n/texts';

/** What a place is for: `2 seats in Gold or Silver`, `2 seats with a wheelchair place`. */
export function wishOf({
  seats,
  categories,
  wheelchair,
}: Pick<WaitingPlace, 'seats' | 'categories' | 'wheelchair'>): string {
  const number = wheelchair ? t.waiting.seatsWithPlace(t.count.seats(seats)) : t.count.seats(seats);
  return categories.length === 0 ? number : t.waiting.seatsIn(number, listed(categories.map(categoryName)));
}

/** State of a place, with what can be done about it. */
export function Place({ place }: { place: WaitingPlace }) {
  const isOffer = place.status === 'offered' && place.booking_id != null && place.held_until != null;
  const [asking, setAsking] = useState(false);
  const leave = useMutation({
    mutationFn: () => command('DELETE', `/me/waiting-list/${place.place_id}`),
    onSuccess: async () => {
      await outdated('/me/waiting-list', '/bookings', '/screenings');
      say(t.waiting.left);
    },
  });
  return (
    <div className="grid gap-3">
      {isOffer ? (
        <Offer seats={place.seats} until={place.held_until ?? ''} />
      ) : (
        <p>
          {t.waiting.for(wishOf(place))}{' '}
          {place.position != null && <span className="font-semibold">{t.waiting.line(place.position)}</span>}
        </p>
      )}
      {!asking && <Refused error={leave.error} />}
      <div className="flex flex-wrap gap-2">
        {isOffer && (
          <ButtonLink look="gold" to={`/checkout/${place.booking_id ?? ''}`}>
            {t.waiting.payNow}
          </ButtonLink>
        )}
        <Button
          look={isOffer ? 'quiet' : 'plain'}
          busy={leave.isPending}
          onClick={() => {
            if (isOffer) setAsking(true);
            else leave.mutate();
          }}
        >
          {isOffer ? t.waiting.decline : t.waiting.leave}
        </Button>
      </div>
      {asking && (
        <Question
          title={t.checkout.releaseThem(place.seats)}
          verb={t.checkout.release}
          harmless={t.checkout.keep}
          act={leave}
          onClose={() => {
            setAsking(false);
          }}
        >
          <p>{t.waiting.toNext}</p>
        </Question>
      )}
    </div>
  );
}

/** Seats that are held, and for how much longer. */
function Offer({ seats, until }: { seats: number; until: string }) {
  const left = Date.parse(until) - useNow(1_000);
  return (
    <p className="flex flex-wrap items-baseline justify-between gap-x-3">
      <span className="text-lg font-bold">{t.waiting.held(seats)}</span>
      {left > 0 && (
        <span className="numbers font-bold text-warn">
          <span className="sr-only">{t.hold.timeLeft}: </span>
          <span role="timer">{countdown(left)}</span>
        </span>
      )}
    </p>
  );
}
