import { useQuery } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import { Link, useParams } from 'react-router';

import { reading } from '../api/queries';
import type { Screening } from '../api/types';
import { HoldStrip } from '../booking/holds/hold-strip';
import { Elsewhere } from '../catalogue/elsewhere';
import { cityName, screenName } from '../catalogue/names';
import { when, zoneNote } from '../design/format';
import { useTitle } from '../design/hooks';
import { Bone, Failed, Loading } from '../design/notices';
import { t } from '../i18n/texts';
import { useSeatMap } from '../seats/map/live';
import { Room } from '../seats/room/room';

export default function SeatsPage() {
  const { id = '' } = useParams();
  const screening = useQuery(reading(`/screenings/${id}`));
  const map = useSeatMap(id);
  useTitle(screening.data && t.seats.title(screening.data.show_title));
  const error = screening.error ?? map.error;
  if (error && !(screening.data && map.data)) {
    return (
      <div className="page py-10">
        <Failed
          error={error}
          retry={() => {
            void screening.refetch();
            void map.refetch();
          }}
        />
      </div>
    );
  }
  return (
    <div className="flex h-[calc(100dvh-4rem-1px)] min-h-[30rem] flex-col side:min-h-72">
      <HoldStrip />
      <Head screening={screening.data} />
      {screening.data && map.data ? (
        <Room key={id} screening={screening.data} map={map.data} />
      ) : (
        <Loading label={t.seats.loading}>
          <div className="page py-6">
            <Bone className="h-[60dvh]" />
          </div>
        </Loading>
      )}
    </div>
  );
}

function Head({ screening }: { screening: Screening | undefined }) {
  const note = screening && zoneNote(screening.starts_at, screening.timezone, cityName(screening.city));
  return (
    <div className="border-b border-line">
      <div className="page flex items-center gap-x-2 gap-y-1 py-2 max-sm:flex-wrap">
        <Link
          to={screening ? showPath(screening) : '/shows'}
          aria-label={t.seats.back}
          className="-ms-2 grid size-11 shrink-0 place-items-center rounded-full hover:bg-sunk"
        >
          <ChevronLeft size={24} className="rtl:-scale-x-100" aria-hidden />
        </Link>
        <div className="min-w-0 flex-1 max-sm:basis-[calc(100%-4rem)]">
          <h1 className="truncate text-xl sm:text-2xl">{screening?.show_title ?? '\u00a0'}</h1>
          <p className="line-clamp-2 text-sm leading-snug text-soft">
            {screening && (
              <>
                {when(screening.starts_at, 'full', screening.timezone)}
                {note && ` (${note})`} · {screening.venue_name}, {cityName(screening.city)} ·{' '}
                {screenName(screening.screen_name)}
              </>
            )}
          </p>
        </div>
        {screening && <Elsewhere city={screening.city} className="text-sm max-sm:ms-11" />}
      </div>
    </div>
  );
}

function showPath({ show_id, city, starts_at }: Screening): string {
  return `/shows/${show_id}?city=${encodeURIComponent(city)}&day=${starts_at.slice(0, 10)}`;
}
