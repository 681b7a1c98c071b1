import { ChevronDown, MapPin } from 'lucide-react';
import { useState } from 'react';

import { Dialog } from '../design/dialog';
import { Failed, Lines } from '../design/notices';
import { t } from '../i18n/texts';
import { cityName } from './names';
import { chooseCity, useCities, useCity } from './city';

export function CityPicker() {
  const city = useCity();
  const { data: cities, error, refetch } = useCities();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setOpen(true);
        }}
        className={[
          'flex min-h-11 min-w-0 max-w-44 items-center md:shrink-0 gap-1.5 rounded-full px-1.5 font-semibold xs:px-2.5',
          'transition-colors hover:bg-sunk',
        ].join(' ')}
      >
        <MapPin size={17} className="shrink-0 max-xs:hidden" aria-hidden />
        <span className="sr-only">{t.city.label}</span>
        <span className="truncate">{city === null ? t.city.none : cityName(city)}</span>
        <ChevronDown size={15} className="shrink-0 text-soft" aria-hidden />
      </button>
      {open && (
        <Dialog
          title={t.city.where}
          onClose={() => {
            setOpen(false);
          }}
        >
          <ul className="grid gap-1.5 xs:grid-cols-2">
            {(cities ?? []).map((one) => (
              <li key={one.name}>
                <button
                  type="button"
                  aria-pressed={one.name === city}
                  data-first={one.name === city}
                  onClick={() => {
                    chooseCity(one.name);
                    setOpen(false);
                  }}
                  className={`w-full rounded-2xl border px-4 py-3 text-start transition-colors hover:border-ink ${
                    one.name === city ? 'border-ink bg-sunk' : 'border-line'
                  }`}
                >
                  <span className="marquee block text-lg leading-tight">{cityName(one.name)}</span>
                  <span className="text-sm text-soft">
                    {t.count.shows(one.shows)}, {t.count.venues(one.venues)}
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {!cities && (error ? <Failed error={error} retry={() => void refetch()} /> : <Lines />)}
          {cities?.length === 0 && <p className="text-soft">{t.city.noVenue}</p>}
        </Dialog>
      )}
    </>
  );
}
