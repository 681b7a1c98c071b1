import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';

import { command } from '../../api/client';
import { listing, outdated, reading } from '../../api/queries';
import { Badge, type Tone } from '../../design/badge';
import { Button } from '../../design/button';
import { dayName, money, number, percent } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { say } from '../../design/toast';
import { t } from '../../i18n/texts';
import { ticketType } from '../../i18n/ticket-type';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Sure, Table, Title } from '../parts';
import { PromotionDialog } from './promotion-dialog';
import { daysOf, MOST_USES, stateOf, weekdayName, type Promotion, type State } from './promotion';

const TONES: Record<State, Tone> = { planned: 'note', running: 'good', 'used up': 'warn', ended: 'plain' };

/** Codes that lower prices, and offers that do so by themselves. */
export default function PromotionList() {
  useTitle(w.promotions.title);
  const now = useNow(60_000);
  const promotions = useInfiniteQuery(listing('/promotions', {}));
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Promotion | null>(null);
  const end = useMutation({
    mutationFn: ({ promotion_id }: Promotion) =>
      command('PATCH', `/promotions/${promotion_id}`, { body: { valid_until: new Date().toISOString() } }),
    onSuccess: (_, one) => {
      setEnding(null);
      say(w.promotions.ended(one.code ?? w.promotions.theAutomatic), 'good');
      return outdated('/promotions');
    },
  });
  return (
    <>
      <Title
        actions={
          <Button
            look="gold"
            onClick={() => {
              setAdding(true);
            }}
          >
            <Plus size={18} aria-hidden /> {w.promotions.new}
          </Button>
        }
      >
        {w.promotions.title}
      </Title>
      <Card>
        <Answer of={promotions}>
          {({ items }) => (
            <Table
              label={w.promotions.title}
              rows={items}
              keyOf={(row) => row.promotion_id}
              empty={w.promotions.none}
              columns={[
                {
                  name: w.promotions.columns.code,
                  cell: (row) => (
                    <span className="wrap-anywhere">
                      <span className="font-semibold">{row.code ?? w.promotions.automatic}</span>
                      {row.name && <span className="block text-sm text-soft">{row.name}</span>}
                    </span>
                  ),
                },
                {
                  name: w.promotions.columns.discount,
                  cell: (row) => (row.amount ? money(row.amount) : percent((row.percent ?? 0) / 100)),
                },
                { name: w.promotions.columns.for, cell: (row) => <Scope promotion={row} /> },
                { name: w.promotions.columns.valid, cell: (row) => validity(row) },
                {
                  name: w.promotions.columns.uses,
                  right: true,
                  cell: (row) => (
                    <span className="numbers">
                      {row.uses_max < MOST_USES
                        ? w.promotions.usesOf(number(row.uses), number(row.uses_max))
                        : number(row.uses)}
                      {row.uses_per_customer_max && (
                        <span className="block text-sm text-soft">
                          {w.promotions.perCustomer(number(row.uses_per_customer_max))}
                        </span>
                      )}
                    </span>
                  ),
                },
                {
                  name: w.promotions.columns.state,
                  cell: (row) => {
                    const state = stateOf(row, now);
                    return <Badge tone={TONES[state]}>{w.promotions.states[state]}</Badge>;
                  },
                },
                {
                  name: '',
                  right: true,
                  cell: (row) =>
                    stateOf(row, now) !== 'ended' && (
                      <Button
                        size="small"
                        aria-label={w.house.of(w.promotions.end, row.code ?? row.name ?? w.promotions.automatic)}
                        onClick={() => {
                          end.reset();
                          setEnding(row);
                        }}
                      >
                        {w.promotions.end}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Answer>
        <More of={promotions} />
      </Card>
      {adding && (
        <PromotionDialog
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {ending && (
        <Sure
          title={w.promotions.sure}
          verb={w.promotions.endIt}
          act={{
            ...end,
            mutate: () => {
              end.mutate(ending);
            },
          }}
          onClose={() => {
            setEnding(null);
          }}
        >
          {w.promotions.endWhy(ending.code ?? w.promotions.theAutomatic)}
        </Sure>
      )}
    </>
  );
}

function Scope({ promotion: { shows, venues, ticket_types, weekdays } }: { promotion: Promotion }) {
  // One is named; of several, the number is enough for a list.
  const show = useQuery({ ...reading(`/shows/${shows[0] ?? ''}`), enabled: shows.length === 1 });
  const venue = useQuery({ ...reading(`/venues/${venues[0] ?? ''}`), enabled: venues.length === 1 });
  const parts = [
    shows.length > 0 && (show.data?.title ?? t.count.shows(shows.length)),
    venues.length > 0 && (venue.data?.name ?? t.count.venues(venues.length)),
    ticket_types.length > 0 && ticket_types.map(ticketType).join(', '),
    weekdays.length > 0 && weekdays.map(weekdayName).join(', '),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : w.promotions.everything;
}

function validity(promotion: Promotion): string {
  const [first, last] = daysOf(promotion).map((day) => day && dayName(day, 'date'));
  if (first && last) return w.promotions.fromTo(first, last);
  if (first) return w.promotions.from(first);
  return last ? w.promotions.until(last) : w.promotions.always;
}
