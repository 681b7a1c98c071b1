/** The promotion code that a buyer at the counter names. Pure. */

export interface Code {
  /** What the field has. */
  typed: string;
  /** What the price is asked with; empty without a code. */
  applied: string;
}

export const NO_CODE: Code = { typed: '', applied: '' };

/** The typed code, for the next price. */
export function appliedCode({ typed }: Code): Code {
  const code = typed.trim();
  return { typed: code, applied: code };
}

/** True if a code is typed that the price does not know yet: a sale would go without it. */
export function isTypedOnly({ typed, applied }: Code): boolean {
  return typed.trim() !== applied;
}

/** What could not be checked: the code, or the offers that need none. */
export function troubleOf(error: unknown, { applied }: Code): 'code' | 'offer' | null {
  if (!error) return null;
  return applied ? 'code' : 'offer';
}
