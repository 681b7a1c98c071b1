import { useQuery } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import { Link, useParams, useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { idIn } from '../api/keys/ids';
import { reading } from '../api/queries';
import type { Booking } from '../api/types';
import { HoldStrip } from '../booking/holds/hold-strip';
import { MoveRoom } from '../booking/move/move-room';
import { OpenMove } from '../booking/move/open-move';
import { TimesOfShow } from '../booking/move/times';
import { canChange, whenOf } from '../booking/types';
import { ButtonLink } from '../design/button';
import { useNow, useTitle } from '../design/hooks';
import { Bone, Empty, Failed, Lines, Loading } from '../design/notices';
import { t } from '../i18n/texts';
import { useSeatMap } from '../seats/map/live';

/** Polling interval of the booking, in milliseconds: another tab may change it, or the theatre cancel the screening. */
const WATCH_MS = 20_000;

/** Other seats, or another time of the same show, for a paid booking. */
export default function MovePage() {
  useTitle(t.move.title);
  return (
    <RequireAccount>
      <Move />
    </RequireAccount>
  );
}

function Move() {
  const { id = '' } = useParams();
  const booking = useQuery({ ...reading(`/bookings/${id}`), refetchInterval: WATCH_MS });
  const now = useNow(15_000);
  if (!booking.data) {
    return (
      <div className="page narrow py-10">
        {booking.error ? <Failed error={booking.error} retry={() => void booking.refetch()} /> : <Lines />}
      </div>
    );
  }
  if (!canChange(booking.data, now)) {
    return (
      <div className="page narrow py-10">
        <Empty heading title={t.move.tooLate}>
          <ButtonLink to={`/bookings/${id}`}>{t.payment.myBooking}</ButtonLink>
        </Empty>
      </div>
    );
  }
  if (booking.data.open_move) {
    return (
      <div className="page narrow grid gap-5 py-10">
        <OpenMove booking={booking.data} />
        <ButtonLink to={`/bookings/${id}`}>{t.payment.myBooking}</ButtonLink>
      </div>
    );
  }
  return <Room booking={booking.data} />;
}

function Room({ booking }: { booking: Booking }) {
  const [params, setParams] = useSearchParams();
  const target = idIn(params.get('screening')) ?? booking.screening.screening_id;
  const screening = useQuery(reading(`/screenings/${target}`));
  const map = useSeatMap(target);
  const error = screening.error ?? map.error;
  return (
    <div className="flex h-[calc(100dvh-4rem-1px)] min-h-[34rem] flex-col side:min-h-80">
      <HoldStrip />
      <div className="border-b border-line">
        <div className="page flex items-center gap-2 py-2">
          <Link
            to={`/bookings/${booking.booking_id}`}
            aria-label={t.move.back}
            className="-ms-2 grid size-11 shrink-0 place-items-center rounded-full hover:bg-sunk"
          >
            <ChevronLeft size={24} className="rtl:-scale-x-100" aria-hidden />
          </Link>
          <div className="min-w-0">
            <h1 className="line-clamp-2 text-xl leading-tight sm:text-2xl">{t.move.title}</h1>
            <div className="flex flex-wrap gap-x-3 text-sm leading-snug text-soft">
              <p className="max-w-full truncate">{booking.show.title}</p>
              {/* Whole on a phone, too: after it there is no way back. */}
              {booking.cancellation && <p>{t.booking.canUntil(whenOf(booking, booking.cancellation.until))}</p>}
            </div>
          </div>
        </div>
      </div>
      <TimesOfShow
        booking={booking}
        chosen={target}
        onChoose={(one) => {
          setParams(one === booking.screening.screening_id ? {} : { screening: one }, { replace: true });
        }}
      />
      {screening.data && map.data ? (
        <MoveRoom key={target} booking={booking} screening={screening.data} map={map.data} />
      ) : error ? (
        <div className="page py-10">
          <Failed
            error={error}
            retry={() => {
              void screening.refetch();
              void map.refetch();
            }}
          />
        </div>
      ) : (
        <Loading label={t.seats.loading}>
          <div className="page py-6">
            <Bone className="h-[50dvh]" />
          </div>
        </Loading>
      )}
    </div>
  );
}
