import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';

import { command } from '../../api/client';
import { listing, outdated } from '../../api/queries';
import { Badge, type Tone } from '../../design/badge';
import { Button } from '../../design/button';
import { count, money, number, when } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { say } from '../../design/toast';
import { ticketType } from '../../i18n/ticket-type';
import { Answer, Card, More, Sure, Table, Title } from '../parts';
import { PromotionDialog } from './promotion-dialog';
import { stateOf, type Promotion, type State } from './promotion';

const TONES: Record<State, Tone> = { planned: 'note', running: 'good', 'used up': 'warn', over: 'plain' };

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
      say(`${one.code ?? 'The offer'} is over.`, 'good');
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
              empty="There is no promotion yet"
              columns={[
                {
                  name: 'Code',
                  cell: (row) => (
                    <span className="font-semibold wrap-anywhere">{row.code ?? 'Without a code, by itself'}</span>
                  ),
                },
                { name: 'Takes off', cell: (row) => (row.amount ? money(row.amount) : `${String(row.percent)} %`) },
                { name: 'For', cell: (row) => <Scope promotion={row} /> },
                { name: 'Valid', cell: (row) => validity(row) },
                {
                  name: 'Uses',
                  right: true,
                  cell: (row) => (
                    <span className="numbers">
                      {number(row.uses)} of {number(row.uses_max)}
                      {row.uses_per_customer_max && (
                        <span className="block text-sm text-soft">{row.uses_per_customer_max} each</span>
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
                    stateOf(row, now) !== 'over' && (
                      <Button
                        size="small"
                        onClick={() => {
                          end.reset();
                          setEnding(row);
                        }}
                      >
                        End it
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
          verb="End it"
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
          {ending.code ?? 'The offer'} lowers no more prices. Bookings that have it keep their discount.
        </Sure>
      )}
    </>
  );
}

function Scope({ promotion: { shows, venues, ticket_types, weekdays } }: { promotion: Promotion }) {
  const parts = [
    shows.length > 0 && count(shows.length, 'show'),
    venues.length > 0 && count(venues.length, 'venue'),
    ticket_types.length > 0 && ticket_types.map(ticketType).join(', '),
    weekdays.length > 0 && weekdays.map((day) => day.charAt(0).toUpperCase() + day.slice(1, 3)).join(', '),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : 'Everything';
}

function validity({ valid_from, valid_until }: Promotion): string {
  if (valid_from && valid_until) return `${when(valid_from, 'full')} to ${when(valid_until, 'full')}`;
  if (valid_from) return `From ${when(valid_from, 'full')}`;
  return valid_until ? `Until ${when(valid_until, 'full')}` : 'Always';
}
