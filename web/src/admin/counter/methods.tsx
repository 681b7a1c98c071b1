import { Banknote, CreditCard, Gift, Smartphone } from 'lucide-react';

import type { CounterMethod } from '../../api/types';
import { w } from '../../i18n/work/texts';

/** Ways to pay at a counter, in the order of their keys. */
export const METHODS = [
  { method: 'cash', icon: Banknote },
  { method: 'card_terminal', icon: CreditCard },
  { method: 'upi', icon: Smartphone },
  { method: 'complimentary', icon: Gift },
] as const satisfies readonly { method: CounterMethod; icon: unknown }[];

export function Methods({ method, onMethod }: { method: CounterMethod; onMethod: (method: CounterMethod) => void }) {
  return (
    <div role="radiogroup" aria-label={w.sale.method} className="grid grid-cols-4 gap-1 rounded-2xl bg-sunk p-1">
      {METHODS.map(({ method: one, icon: Icon }, index) => (
        <button
          key={one}
          type="button"
          role="radio"
          aria-checked={one === method}
          title={w.sale.key(index + 1)}
          onClick={() => {
            onMethod(one);
          }}
          className={[
            'grid min-h-16 place-items-center content-center gap-1 rounded-xl text-sm font-semibold',
            one === method ? 'bg-card shadow-card' : 'text-soft hover:text-ink',
          ].join(' ')}
        >
          <Icon size={22} aria-hidden />
          {w.sale.methods[one]}
        </button>
      ))}
    </div>
  );
}
