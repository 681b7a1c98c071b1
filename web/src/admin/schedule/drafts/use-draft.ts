/** A draft while staff change it: what they typed, and what they would send. */

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { usePolicy } from '../../../api/policy';
import { wholeList } from '../../../api/queries';
import type { Draft, Screen, Screening, Venue } from '../../../api/types';
import { calendarDay, clockTime, editedMoment } from '../../../design/format';
import { publishAt } from './draft-fields';
import { troubleAt } from '../series';
import { pricesFrom, termsFrom, typedFrom } from '../terms/terms';

export type EditedDraft = ReturnType<typeof useDraft>;

export function useDraft(
  draft: Draft,
  venue: Venue,
  screens: readonly Screen[],
  taken: readonly (Screening | Draft)[],
) {
  const zone = venue.timezone;
  const currency = usePolicy().currency.code;
  const shows = useQuery(wholeList('/shows', { status: 'active' }));
  const [before] = useState(() => typedFrom(draft, currency));
  const [show, setShow] = useState(draft.show_id);
  const [screenId, setScreen] = useState(draft.screen_id);
  const [day, setDay] = useState(calendarDay(draft.starts_at, zone));
  const [time, setTime] = useState(clockTime(draft.starts_at, zone));
  const [prices, setPrices] = useState<Record<string, string>>(before.prices);
  const [terms, setTerms] = useState(before.draft);
  const [publish, setPublish] = useState({
    day: draft.publish_at ? calendarDay(draft.publish_at, zone) : '',
    time: draft.publish_at ? clockTime(draft.publish_at, zone) : '10:00',
  });
  const [now] = useState(() => Date.now());

  const screen = screens.find((one) => one.screen_id === screenId);
  // Another screen may have other categories; a screen that is not read yet has those of the draft.
  const categories = [...new Set(screen?.layout.rows.map((row) => row.category) ?? Object.keys(draft.prices))];
  const starts_at = editedMoment(day, time, zone, draft.starts_at);
  const film = shows.data?.find((one) => one.show_id === show);
  const planned = (Date.parse(draft.ends_at) - Date.parse(draft.starts_at)) / 60_000;
  const minutes = show === draft.show_id ? planned : (film?.duration_minutes ?? planned);
  const length = { minutes, turnaround: screen?.turnaround_minutes ?? 0 };
  const there = taken.filter((one) => one.screen_id === screenId && one.screening_id !== draft.screening_id);
  const wanted = publishAt(publish, zone);
  const priced = pricesFrom(categories, terms, prices, currency);
  const rest = termsFrom(terms, currency);
  const body =
    priced && rest
      ? {
          show_id: show,
          screen_id: screenId,
          starts_at,
          prices: priced,
          ...rest,
          draft: true,
          ...(wanted && { publish_at: wanted }),
        }
      : null;
  const stays =
    show === draft.show_id &&
    screenId === draft.screen_id &&
    Date.parse(starts_at) === Date.parse(draft.starts_at) &&
    (wanted ? Date.parse(wanted) : null) === (draft.publish_at ? Date.parse(draft.publish_at) : null) &&
    JSON.stringify([prices, terms]) === JSON.stringify([before.prices, before.draft]);
  return {
    shows: shows.data ?? [],
    /** Why there are no shows to choose from. */
    showsError: shows.data ? null : shows.error,
    currency,
    categories,
    show,
    setShow,
    screenId,
    setScreen,
    day,
    setDay,
    time,
    setTime,
    starts_at,
    prices,
    setPrices,
    terms,
    setTerms,
    publish,
    setPublish,
    /** The body to send; null while something typed is not understood. */
    body,
    /** Nothing is changed. */
    stays,
    trouble: troubleAt({ day, starts_at, time }, length, venue, there, now),
    isLate: wanted !== undefined && Date.parse(wanted) >= Date.parse(starts_at),
  };
}
