import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { outdated, reading } from '../api/queries';
import type { Booking } from '../api/types';
import { ago, when } from '../design/format';
import { useNow } from '../design/hooks';
import { Lines, Note } from '../design/notices';
import { t } from '../i18n/texts';
import { storyOf, type Sentence } from './story';
import { progressOf } from './types';

/** The course of the booking in a few sentences. */
export function History({ booking }: { booking: Booking }) {
  const now = useNow(30_000);
  const history = useQuery(reading(`/bookings/${booking.booking_id}/history`));
  const progress = progressOf(booking);
  useEffect(() => {
    void outdated(`/bookings/${booking.booking_id}/history`);
  }, [progress, booking.booking_id]);
  if (!history.data && history.isPending) return <Lines rows={2} />;
  if (!history.data)
    return (
      <Note tone="warn">
        {history.error?.message}{' '}
        <button type="button" className="link" onClick={() => void history.refetch()}>
          {t.design.tryAgain}
        </button>
      </Note>
    );
  const story = storyOf(history.data.items, booking.seats.length);
  if (story.length === 0) return <span />;
  return <Course title={t.booking.history} story={story} now={now} />;
}

/** Sentences with their times, oldest first. */
export function Course({ title, story, now }: { title: string; story: readonly Sentence[]; now: number }) {
  return (
    <section aria-label={title} className="rounded-3xl bg-card p-5 shadow-card sm:p-6 print:hidden">
      <h2 className="mb-4 text-2xl">{title}</h2>
      <ol
        className={[
          'relative grid gap-5 ps-6',
          'before:absolute before:bottom-2 before:start-[0.34rem] before:top-2 before:w-0.5 before:bg-line',
        ].join(' ')}
      >
        {story.map((item, index) => (
          <li
            key={index}
            className={[
              'relative before:absolute before:-start-6 before:top-1.5 before:size-3 before:rounded-full',
              'before:bg-gold before:ring-4 before:ring-card',
            ].join(' ')}
          >
            <p>{item.text}</p>
            <p className="text-sm text-soft" title={when(item.time, 'stamp')}>
              {ago(item.time, now)}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
