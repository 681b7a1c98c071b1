import { Eraser } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';

import { useUser } from '../../api/session/use-session';
import { Button } from '../../design/button';
import { w } from '../../i18n/work/texts';
import { ADMIN, isAllowed } from '../access';
import { Card } from '../parts';
import type { CustomersBooking } from './desk';
import { EraseBuyerDialog } from './erase-buyer';
import { kindOfCustomer } from './words';

/** The customer of a booking, and where more about them is. */
export function CustomerCard({ booking }: { booking: CustomersBooking }) {
  const [erasing, setErasing] = useState(false);
  const { booking_id: id, customer, screening } = booking;
  const kind = kindOfCustomer(booking);
  const role = useUser()?.role;
  return (
    <Card title={w.desk.customer}>
      {kind === 'erased' ? (
        <p className="font-semibold">{w.desk.erased}</p>
      ) : (
        <>
          <p className="font-semibold wrap-anywhere">{customer.name ?? w.desk.atCounter}</p>
          <p className="text-soft wrap-anywhere">{customer.email}</p>
        </>
      )}
      <ul className="mt-4 grid gap-2">
        {kind === 'account' && customer.email && (
          <li>
            <Link className="link" to={`/admin/people/${customer.user_id}`}>
              {w.desk.toCustomer}
            </Link>
          </li>
        )}
        <li>
          <Link className="link" to={`/admin/screenings/${screening.screening_id}`}>
            {w.desk.toScreening}
          </Link>
        </li>
        <li>
          <Link className="link" to={`/admin/mails?booking=${id}`}>
            {w.desk.toMails}
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
          <Eraser size={18} aria-hidden /> {w.desk.erase}
        </Button>
      )}
      {isAllowed(role, ADMIN) && (
        <p className="mt-5 border-t border-line pt-3 text-sm">
          <Link className="link text-soft" to={`/admin/history?aggregate=booking&id=${id}`}>
            {w.desk.toHistory}
          </Link>
        </p>
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
