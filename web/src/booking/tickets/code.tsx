import { Share2 } from 'lucide-react';
import type { ReactNode } from 'react';

import { qrPicture } from '../../account/qr-picture';
import { Button } from '../../design/button';
import { t } from '../../i18n/texts';

/** QR code of one seat. Black on white in both themes, so that scanners can read it; a press shows it alone. */
export function Code({
  seat,
  level,
  code,
  onOpen,
  onShare,
  children,
}: {
  seat: string;
  /** In a room with more than one. */
  level?: string | null | undefined;
  code: string;
  onOpen: () => void;
  onShare: () => void;
  /** More that can be done with the ticket. */
  children?: ReactNode;
}) {
  return (
    <div className="grid gap-1.5">
      <figure className="relative rounded-2xl bg-white p-3 text-center text-black ring-1 ring-black/10">
        <img src={qrPicture(code)} alt={t.ticket.codeOf(seat)} className="aspect-square w-full" />
        <figcaption className="mt-1.5">
          <span className="marquee block text-xl">{seat}</span>
          {level && <span className="block text-sm leading-tight wrap-anywhere">{level}</span>}
        </figcaption>
        <button
          type="button"
          aria-label={t.ticket.showLarge(seat)}
          onClick={onOpen}
          className="absolute inset-0 rounded-2xl print:hidden"
        />
      </figure>
      <Button look="quiet" size="small" className="print:hidden" aria-label={t.share.title(seat)} onClick={onShare}>
        <Share2 size={16} aria-hidden /> {t.share.send}
      </Button>
      {children}
    </div>
  );
}
