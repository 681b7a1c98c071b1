import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated, wholeList } from '../../api/queries';
import type { Screen, ScreenBlock } from '../../api/types';
import { when } from '../../design/format';
import { seatList } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { Answer, Card } from '../parts';
import { KeepBack } from './keep-back';

/** The time on the clock of its venue, as if it were in UTC. */
const wall = (moment: string) => `${moment.slice(0, 19)}Z`;

/** Seats that a screen keeps back in all its screenings, with the guests who have some of them. */
export function ScreenBlocks({ screen }: { screen: Screen }) {
  const path = `/screens/${screen.screen_id}/blocks` as const;
  const blocks = useQuery(wholeList(path));
  const key = useKey();
  const stale = () => outdated(path, '/screenings');
  return (
    <section aria-label={w.keeping.ofScreen} className="mt-6">
      <Card title={w.keeping.ofScreen}>
        <p className="-mt-1 mb-4 text-soft">{w.keeping.ofScreenWhy}</p>
        <Answer of={blocks}>
          {(all) => (
            <KeepBack
              layout={screen.layout}
              blocks={all}
              onKeep={async (body) => {
                await key.run([path, body], (text) => command('POST', path, { body, key: text }));
                await stale();
              }}
              onRelease={async (block) => {
                await command('DELETE', `${path}/${block}`);
                await stale();
              }}
              more={(block) => <Guests block={block} />}
            />
          )}
        </Answer>
      </Card>
    </section>
  );
}

/** Those who have bought or hold blocked seats: staff give them others. */
function Guests({ block }: { block: ScreenBlock }) {
  if (block.guests.length === 0) return null;
  return (
    <div className="mt-2 text-sm">
      <p className="text-warn">{w.keeping.guests(block.guests.length)}</p>
      <ul className="grid gap-1">
        {block.guests.map((guest) => (
          <li key={guest.booking_id}>
            <Link className="link numbers" to={`/admin/desk/${guest.booking_id}`}>
              {guest.reference}
            </Link>{' '}
            {w.keeping.guest(seatList(guest.seats), guest.show_title, when(wall(guest.starts_at), 'full', 'UTC'))}
            {!guest.paid && ` ${w.keeping.unpaid}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
