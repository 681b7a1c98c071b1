import { useMutation } from '@tanstack/react-query';
import { WalletCards } from 'lucide-react';

import { get, getFile } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { Button } from '../../design/button';
import { say } from '../../design/toast';
import { t } from '../../i18n/texts';
import { openPass, walletAppsFor, type WalletApp } from './wallet-apps';

/** Adds the ticket of one seat to the wallet app of a telephone, where the house has the certificates for it. */
export function WalletButtons({ booking, seat }: { booking: string; seat: string }) {
  const { pass_kinds: kinds } = usePolicy();
  const add = useMutation({
    mutationFn: async (app: WalletApp) => {
      if (app === 'apple') {
        const pass = await getFile(`/bookings/${booking}/tickets/${seat}/pass.pkpass`, 'application/vnd.apple.pkpass');
        openPass(pass, `ticket-${seat}.pkpass`);
      } else {
        const { url } = await get(`/bookings/${booking}/tickets/${seat}/google-wallet`);
        window.location.assign(url);
      }
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return walletAppsFor(kinds, navigator.userAgent).map((app) => (
    <Button
      key={app}
      look="quiet"
      size="small"
      className="print:hidden"
      busy={add.isPending && add.variables === app}
      aria-label={app === 'apple' ? t.ticket.addSeatToApple(seat) : t.ticket.addSeatToGoogle(seat)}
      onClick={() => {
        add.mutate(app);
      }}
    >
      <WalletCards size={16} aria-hidden /> {app === 'apple' ? t.ticket.addToApple : t.ticket.addToGoogle}
    </Button>
  ));
}
