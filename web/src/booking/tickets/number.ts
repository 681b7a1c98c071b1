/** Whether a text is a booking number, such as K7QM-3XRP, as people type it. Codes of tickets are much longer. */
export function isBookingNumber(text: string): boolean {
  return /^[2-9A-HJ-NP-Z]{8}$/i.test(text.replaceAll(/[\s\p{Dash}]/gu, ''));
}
