import { useMutation, useQuery } from '@tanstack/react-query';
import { Copy, Link2, Share2 } from 'lucide-react';

import { command } from '../../api/client';
import { outdated, reading } from '../../api/queries';
import type { Booking } from '../../api/types';
import { useKey } from '../../api/keys/use-key';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { ago, when } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { t } from '../../i18n/texts';

/** Makes a link that shows one ticket of a booking, and ends links made before. */
export function ShareDialog({ booking, seat, onClose }: { booking: Booking; seat: string; onClose: () => void }) {
  const path = `/bookings/${booking.booking_id}/shares` as const;
  const now = useNow(30_000);
  const shares = useQuery(reading(path));
  const key = useKey();
  const make = useMutation({
    mutationFn: () => key.run(seat, (text) => command('POST', path, { body: { seat }, key: text })),
    onSuccess: () => {
      return outdated(path);
    },
  });
  const end = useMutation({
    mutationFn: (share: string) => command('DELETE', `${path}/${share}`),
    onSuccess: (_, share) => {
      if (make.data?.share_id === share) make.reset();
      return outdated(path);
    },
  });
  const link = make.data?.link;
  const copy = (text: string) =>
    navigator.clipboard.writeText(text).then(
      () => {
        say(t.share.copied, 'good');
      },
      () => undefined,
    );
  const { screening, show } = booking;
  const words = t.share.message(show.title, when(screening.starts_at, 'full', screening.timezone), seat);
  const canShare = typeof navigator.share === 'function';
  // Without HTTPS there is no clipboard, and the link is copied by hand.
  const canCopy = 'clipboard' in navigator;
  const ofSeat = shares.data?.items.filter((share) => share.seat === seat) ?? [];
  return (
    <Dialog title={t.share.title(seat)} onClose={onClose}>
      <div className="grid gap-4">
        <p>{t.share.what}</p>
        {link ? (
          <>
            <TextField
              label={t.share.link}
              readOnly
              autoFocus
              value={link}
              onFocus={(event) => {
                event.currentTarget.select();
              }}
            />
            <div className="flex flex-wrap gap-3">
              {canShare && (
                <Button
                  look="gold"
                  onClick={() => {
                    navigator.share({ title: show.title, text: words, url: link }).catch(() => undefined);
                  }}
                >
                  <Share2 size={18} aria-hidden /> {t.share.send}
                </Button>
              )}
              {canCopy && (
                <Button
                  look={canShare ? 'plain' : 'gold'}
                  onClick={() => {
                    void copy(link);
                  }}
                >
                  <Copy size={18} aria-hidden /> {t.share.copy}
                </Button>
              )}
            </div>
          </>
        ) : (
          <Button
            look="gold"
            data-first
            busy={make.isPending}
            onClick={() => {
              end.reset();
              make.mutate();
            }}
          >
            <Link2 size={18} aria-hidden /> {t.share.make}
          </Button>
        )}
        <Refused error={make.error ?? end.error} />
        {ofSeat.length > 0 && (
          <section aria-label={t.share.links} className="border-t border-line pt-4">
            <h3 className="font-semibold">{t.share.links}</h3>
            <ul className="mt-1 grid gap-1">
              {ofSeat.map(({ share_id, created_at }) => (
                <li key={share_id} className="flex items-center justify-between gap-3">
                  <span className="text-soft">{t.share.made(ago(created_at, now))}</span>
                  <Button
                    size="small"
                    look="danger"
                    busy={end.isPending && end.variables === share_id}
                    onClick={() => {
                      if (make.isError) make.reset();
                      end.mutate(share_id);
                    }}
                  >
                    {t.share.end}
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Dialog>
  );
}
