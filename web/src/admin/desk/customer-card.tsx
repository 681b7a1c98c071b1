import { Eraser } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';

import { Button } from '../../design/button';
import { Card } from '../parts';
import type { CustomersBooking } from './desk';
import { EraseBuyerDialog } from './erase-buyer';
import { kindOfCustomer } from './words';

/** The customer of a booking, and where more about them is. */
export function CustomerCard({ booking }: { booking: CustomersBooking }) {
  const [erasing, setErasing] = useState(false);
  const { booking_id: id, customer, screening } = booking;
  const kind = kindOfCustomer(booking);
  return (
    <Card title="Customer">
      {kind === 'erased' ? (
        <p className="font-semibold">Erased</p>
      ) : (
        <>
          <p className="font-semibold wrap-anywhere">{customer.name ?? 'Sold at the counter'}</p>
          <p className="text-soft wrap-anywhere">{customer.email}</p>
        </>
      )}
      <ul className="mt-4 grid gap-2">
        {kind === 'account' && customer.email && (
          <li>
            <Link className="link" to={`/admin/people/${customer.user_id}`}>
              All bookings, money and mails
            </Link>
          </li>
        )}
        <li>
          <Link className="link" to={`/admin/screenings/${screening.screening_id}`}>
            The screening
          </Link>
        </li>
        <li>
          <Link className="link" to={`/admin/mails?booking=${id}`}>
            Mails about this booking
          </Link>
        </li>
        <li>
          <Link className="link" to={`/admin/history?aggregate=booking&id=${id}`}>
            Every step, for engineers
          </Link>
        </li>
      </ul>
      {kind === 'buyer' && (
        <Button
          look="danger"
          className="mt-5"
          onClick={() => {
            setErasing(true);
          }}
        >
          <Eraser size={18} aria-hidden /> Erase the buyer
        </Button>
      )}
      {erasing && (
        <EraseBuyerDialog
          booking={id}
          onClose={() => {
            setErasing(false);
          }}
        />
      )}
    </Card>
  );
}
