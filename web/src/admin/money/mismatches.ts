import type { MismatchKind } from '../../api/types';

/** Each kind of mismatch in words, with what to do about it. */
export const MISMATCHES: Record<MismatchKind, { text: string; advice: string }> = {
  capture_unused: {
    text: 'Captured, but for nothing',
    advice: 'The payment neither pays a booking nor is being refunded.',
  },
  confirmed_unpaid: {
    text: 'Confirmed without payment',
    advice: 'The payment that confirmed the booking captured nothing.',
  },
  debit_differs: { text: 'Wallet payment differs', advice: 'The wallet was not charged what the payment says.' },
  top_up_differs: { text: 'Top-up differs', advice: 'The wallet did not get what the card paid.' },
  refund_differs: { text: 'Refund to wallet differs', advice: 'The wallet did not get what was refunded.' },
  balance_differs: { text: 'Wallet balance differs', advice: 'The balance is not the sum of the transactions.' },
  provider_capture_differs: {
    text: 'Capture differs at the provider',
    advice: 'If nothing was expected, the provider took money for a payment unknown here: refund it there.',
  },
  provider_refund_differs: {
    text: 'Refund differs at the provider',
    advice: 'If nothing was expected, the refund was made by hand there: cancel the booking here.',
  },
  dispute_open: {
    text: 'Open dispute',
    advice: 'The customer’s bank demands the money back: answer at the provider within four days.',
  },
  charged_back: {
    text: 'Charged back',
    advice: 'The bank took the money back, and what it paid for was used.',
  },
};
