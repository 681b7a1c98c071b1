import { ArrowDownLeft, ArrowUpRight, Gift, RotateCcw } from 'lucide-react';

/** What the entries of a wallet are called. */
export const ENTRY_KINDS = {
  top_up: { text: 'Added by card', icon: ArrowDownLeft },
  payment: { text: 'Tickets', icon: ArrowUpRight },
  refund: { text: 'Refund', icon: RotateCcw },
  credit: { text: 'Credit from us', icon: Gift },
} as const;
