import { ArrowDownLeft, ArrowUpRight, Gift, RotateCcw } from 'lucide-react';

/** Of the entries of a wallet, by their kind. */
export const ENTRY_ICONS = {
  top_up: ArrowDownLeft,
  payment: ArrowUpRight,
  refund: RotateCcw,
  credit: Gift,
} as const;
