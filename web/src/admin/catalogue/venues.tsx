import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { wholeList } from '../../api/queries';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { useTitle } from '../../design/hooks';
import { Answer, Card, Table, Title } from '../parts';
import { VenueForm } from './venue-form';

export default function AdminVenues() {
  useTitle('Venues');
  const navigate = useNavigate();
  const venues = useQuery(wholeList('/venues'));
  const [adding, setAdding] = useState(false);
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
            <Plus size={18} aria-hidden /> New venue
          </Button>
        }
      >
        Venues
      </Title>
      <Card>
        <Answer of={venues}>
          {(all) => (
            <Table
              label="Venues"
              rows={all}
              keyOf={(venue) => venue.venue_id}
              empty="No venue yet"
              columns={[
                {
                  name: 'Name',
                  cell: (venue) => (
                    <Link to={`/admin/venues/${venue.venue_id}`} className="font-semibold hover:underline">
                      {venue.name}
                    </Link>
                  ),
                },
                { name: 'City', cell: (venue) => venue.city },
                { name: 'Address', cell: (venue) => <span className="text-soft">{venue.address}</span> },
                {
                  name: 'Open',
                  cell: (venue) => (
                    <span className="numbers whitespace-nowrap">
                      {venue.opens_at} – {venue.closes_at}
                    </span>
                  ),
                },
                { name: 'Status', cell: (venue) => <Status of={venue.status} /> },
              ]}
            />
          )}
        </Answer>
      </Card>
      {adding && (
        <Dialog
          title="New venue"
          onClose={() => {
            setAdding(false);
          }}
        >
          <VenueForm onDone={(id) => void navigate(`/admin/venues/${id}`)} />
        </Dialog>
      )}
    </>
  );
}
