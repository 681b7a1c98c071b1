/** What a person reads about a top-up that is over. */

import type { Payment } from '../api/types';
import { whereabouts } from '../booking/returns';
import { money } from '../design/format';
import { t } from '../i18n/texts';

export function topUpWords({ status, amount, refund }: Pick<Payment, 'status' | 'amount' | 'refund'>): {
  head: string;
  text: string;
} {
  if (refund) return { head: t.payment.notAdded, text: whereabouts(refund) };
  switch (status) {
    case 'captured':
      return { head: t.payment.addedHead, text: t.payment.wasAdded(money(amount)) };
    case 'review':
      return { head: t.payment.inReview, text: t.payment.otherAmount };
    case 'refunding':
    case 'refunded':
      return { head: t.payment.notAdded, text: t.payment.comesBack };
    case 'pending':
    case 'failed':
    case 'expired':
      return { head: t.payment.notAdded, text: t.payment.notCompleted };
  }
}
