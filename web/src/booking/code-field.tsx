import { useMutation } from '@tanstack/react-query';
import { Tag, X } from 'lucide-react';
import { useState } from 'react';

import { command } from '../api/client';
import { outdated } from '../api/queries';
import type { Booking } from '../api/types';
import { Button, IconButton } from '../design/button';
import { TextField } from '../design/field';
import { Refused } from '../design/notices';
import { t } from '../i18n/texts';

/** A code that lowers the price of a hold that nobody began to pay. */
export function CodeField({ booking }: { booking: Booking }) {
  const id = booking.booking_id;
  const [code, setCode] = useState('');
  const after = () => outdated(`/bookings/${id}`, '/bookings');
  const use = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/promotion`, { body: { code } }),
    onSuccess: () => {
      setCode('');
      return after();
    },
  });
  const drop = useMutation({ mutationFn: () => command('DELETE', `/bookings/${id}/promotion`), onSuccess: after });
  const used = booking.promotion?.code;
  return (
    <section aria-label={t.checkout.code} className="arrive rounded-3xl bg-card p-5 shadow-card sm:p-6">
      {used ? (
        <p className="flex items-center gap-3">
          <Tag size={22} aria-hidden />
          <span className="min-w-0 font-semibold wrap-anywhere">{t.checkout.codeUsed(used)}</span>
          <IconButton
            label={t.checkout.dropCode(used)}
            className="ms-auto"
            disabled={drop.isPending}
            onClick={() => {
              drop.mutate();
            }}
          >
            <X size={18} aria-hidden />
          </IconButton>
        </p>
      ) : (
        <form
          className="flex items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (code.trim()) use.mutate();
          }}
        >
          <div className="grow">
            <TextField
              label={t.checkout.code}
              autoComplete="off"
              autoCapitalize="characters"
              maxLength={40}
              value={code}
              onChange={({ target }) => {
                use.reset();
                drop.reset();
                setCode(target.value);
              }}
            />
          </div>
          <Button type="submit" busy={use.isPending} disabled={code.trim() === '' || use.isPending}>
            {t.checkout.useCode}
          </Button>
        </form>
      )}
      <div className="mt-3 empty:hidden" role="status">
        <Refused error={use.error ?? drop.error} />
      </div>
    </section>
  );
}
