import { MapPin } from 'lucide-react';

import { t } from '../i18n/texts';
import { useCity, useUsualName } from './city';
import { cityName } from './names';

/** Warns that something is not in the city that the page header names. */
export function Elsewhere({ city, className = '' }: { city: string; className?: string }) {
  const home = useCity();
  const usual = useUsualName();
  if (home === null || usual(home) === usual(city)) return null;
  return (
    <p
      className={`flex w-fit items-center gap-1.5 rounded-xl bg-warn-wash px-3 py-1 font-semibold text-warn ${className}`}
    >
      <MapPin size={17} className="shrink-0" aria-hidden />
      <span>{t.city.elsewhere(cityName(city), cityName(home))}</span>
    </p>
  );
}
