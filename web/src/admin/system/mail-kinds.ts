const KINDS: Record<string, string> = {
  booking_confirmed: 'Tickets',
  payment_failed: 'Payment failed',
  booking_cancelled: 'Booking cancelled',
  seats_returned: 'Seats given back',
  booking_moved: 'Booking moved',
  screening_changed: 'Screening changed',
  reminder: 'Reminder',
  refund_started: 'Refund started',
  refund_completed: 'Refund done',
  password_reset: 'New password',
};

/** What a mail was about, in words. */
export function mailKind(kind: string): string {
  return KINDS[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('_', ' ');
}
