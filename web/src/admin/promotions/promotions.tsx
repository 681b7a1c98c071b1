import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';

import { command } from '../../api/client';
import { listing, outdated, reading } from '../../api/queries';
import { Badge, type Tone } from '../../design/badge';
import { Button } from '../../design/button';
import { count, dayName, money, number, percent } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { say } from '../../design/toast';
import { ticketType } from '../../i18n/ticket-type';
import { Answer, Card, More, Sure, Table, Title } from '../parts';
import { PromotionDialog } from './promotion-dialog';
import { daysOf, MOST_USES, stateOf, type Promotion, type State } from './promotion';

const TONES: Record<State, Tone> = { planned: 'note', running: 'good', 'used up': 'warn', ended: 'plain' };

/** Codes that lower prices, and offers that do so by themselves. */
export default function PromotionList() {
  useTitle('Promotions');
  const now = useNow(60_000);
  const promotions = useInfiniteQuery(listing('/promotions', {}));
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Promotion | null>(null);
  const end = useMutation({
    mutationFn: ({ promotion_id }: Promotion) =>
      command('PATCH', `/promotions/${promotion_id}`, { body: { valid_until: new Date().toISOString() } }),
    onSuccess: (_, one) => {
      setEnding(null);
      say(`${one.code ?? 'The automatic discount'} has ended.`, 'good');
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
            <Plus size={18} aria-hidden /> New promotion
          </Button>
        }
      >
        Promotions
      </Title>
      <Card>
        <Answer of={promotions}>
          {({ items }) => (
            <Table
              label="Promotions"
              rows={items}
              keyOf={(row) => row.promotion_id}
              empty="No promotions yet"
              columns={[
                {
                  name: 'Code',
                  cell: (row) => (
                    <span className="wrap-anywhere">
                      <span className="font-semibold">{row.code ?? 'Automatic'}</span>
                      {row.name && <span className="block text-sm text-soft">{row.name}</span>}
                    </span>
                  ),
                },
                {
                  name: 'Discount',
                  cell: (row) => (row.amount ? money(row.amount) : percent((row.percent ?? 0) / 100)),
                },
                { name: 'For', cell: (row) => <Scope promotion={row} /> },
                { name: 'Valid', cell: (row) => validity(row) },
                {
                  name: 'Uses',
                  right: true,
                  cell: (row) => (
                    <span className="numbers">
                      {row.uses_max < MOST_USES ? `${number(row.uses)} of ${number(row.uses_max)}` : number(row.uses)}
                      {row.uses_per_customer_max && (
                        <span className="block text-sm text-soft">
                          {number(row.uses_per_customer_max)} per customer
                        </span>
                      )}
                    </span>
                  ),
                },
                {
                  name: 'State',
                  cell: (row) => {
                    const state = stateOf(row, now);
                    return <Badge tone={TONES[state]}>{state.charAt(0).toUpperCase() + state.slice(1)}</Badge>;
                  },
                },
                {
                  name: '',
                  right: true,
                  cell: (row) =>
                    stateOf(row, now) !== 'ended' && (
                      <Button
                        size="small"
                        onClick={() => {
                          end.reset();
                          setEnding(row);
                        }}
                      >
                        End
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
          title="End the promotion?"
          verb="End promotion"
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
          {ending.code ?? 'The automatic discount'} no longer lowers prices. Bookings that have it keep their discount.
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
    shows.length > 0 && (show.data?.title ?? count(shows.length, 'show')),
    venues.length > 0 && (venue.data?.name ?? count(venues.length, 'venue')),
    ticket_types.length > 0 && ticket_types.map(ticketType).join(', '),
    weekdays.length > 0 && weekdays.map((day) => day.charAt(0).toUpperCase() + day.slice(1, 3)).join(', '),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : 'Everything';
}

function validity(promotion: Promotion): string {
  const [first, last] = daysOf(promotion).map((day) => day && dayName(day, 'date'));
  if (first && last) return `${first} to ${last}`;
  if (first) return `From ${first}`;
  return last ? `Until ${last}` : 'Always';
}
