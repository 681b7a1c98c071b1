import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { Link } from 'react-router';

import { reading } from '../api/queries';
import { w } from '../i18n/work/texts';
import { Card } from './parts';

/** First steps of a new installation, in order; hidden once something is scheduled. */
export function FirstSteps() {
  const venues = useQuery(reading('/venues', { limit: 1 }));
  const shows = useQuery(reading('/shows', { limit: 1 }));
  const screenings = useQuery(reading('/screenings', { limit: 1 }));
  if (!venues.data || !shows.data || !screenings.data || screenings.data.items.length > 0) return null;
  const [venue] = venues.data.items;
  const steps = [
    {
      to: venue ? `/admin/venues/${venue.venue_id}` : '/admin/venues',
      text: w.dashboard.steps.venue,
      done: venue !== undefined,
    },
    { to: '/admin/shows', text: w.dashboard.steps.show, done: shows.data.items.length > 0 },
    { to: '/admin/schedule', text: w.dashboard.steps.schedule, done: false },
  ];
  return (
    <Card title={w.dashboard.firstSteps}>
      <ol className="grid gap-2">
        {steps.map(({ to, text, done }, index) => (
          <li key={to}>
            <Link
              to={to}
              className="flex items-center gap-3 rounded-2xl bg-sunk px-4 py-3 font-semibold hover:underline"
            >
              <span
                className={[
                  'numbers grid size-7 shrink-0 place-items-center rounded-full text-sm',
                  done ? 'bg-good-wash text-good' : 'bg-gold text-on-gold',
                ].join(' ')}
              >
                {done ? <Check size={16} aria-label={w.dashboard.done} /> : index + 1}
              </span>
              {text}
            </Link>
          </li>
        ))}
      </ol>
    </Card>
  );
}
