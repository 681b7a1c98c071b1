import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { wholeList } from '../../api/queries';
import { cityName } from '../../catalogue/names';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { useTitle } from '../../design/hooks';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Table, Title } from '../parts';
import { VenueForm } from './venue-form';

export default function AdminVenues() {
  useTitle(w.venues.title);
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
            <Plus size={18} aria-hidden /> {w.venues.new}
          </Button>
        }
      >
        {w.venues.title}
      </Title>
      <Card>
        <Answer of={venues}>
          {(all) => (
            <Table
              label={w.venues.title}
              rows={all}
              keyOf={(venue) => venue.venue_id}
              empty={w.venues.none}
              columns={[
                {
                  name: w.venues.columns.name,
                  cell: (venue) => (
                    <Link to={`/admin/venues/${venue.venue_id}`} className="font-semibold hover:underline">
                      {venue.name}
                    </Link>
                  ),
                },
                { name: w.venues.columns.city, cell: (venue) => cityName(venue.city) },
                { name: w.venues.columns.address, cell: (venue) => <span className="text-soft">{venue.address}</span> },
                {
                  name: w.venues.columns.open,
                  cell: (venue) => (
                    <span className="numbers whitespace-nowrap">
                      {venue.opens_at} – {venue.closes_at}
                    </span>
                  ),
                },
                { name: w.venues.columns.status, cell: (venue) => <Status of={venue.status} /> },
              ]}
            />
          )}
        </Answer>
      </Card>
      {adding && (
        <Dialog
          title={w.venues.new}
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
