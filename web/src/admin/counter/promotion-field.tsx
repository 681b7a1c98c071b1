import { useState } from 'react';

import type { SaleQuote } from '../../api/types';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { money } from '../../design/format';
import { Refused } from '../../design/notices';
import { w } from '../../i18n/work/texts';

interface Props {
  quote: SaleQuote | undefined;
  error: unknown;
  code: string;
  onCode: (code: string) => void;
}

/** The promotion that lowers the price, and a field for a code. */
export function PromotionField({ quote, error, code, onCode }: Props) {
  const [typed, setTyped] = useState('');
  const apply = () => {
    onCode(typed.trim());
  };
  return (
    <div className="grid gap-2">
      {quote?.promotion && (
        <p role="status" className="flex justify-between gap-4 text-good">
          <span className="wrap-anywhere">{quote.promotion.name ?? quote.promotion.code ?? w.sale.offer}</span>
          <span className="numbers shrink-0">{w.sale.less(money(quote.discount))}</span>
        </p>
      )}
      {code ? (
        <p className="flex items-baseline justify-between gap-4">
          <span className="text-sm text-soft wrap-anywhere">{w.sale.codeIs(code)}</span>
          <button
            type="button"
            className="link text-sm"
            onClick={() => {
              setTyped('');
              onCode('');
            }}
          >
            {w.sale.dropCode}
          </button>
        </p>
      ) : (
        <div className="flex items-end gap-2">
          <div className="grow">
            <TextField
              label={w.sale.code}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={64}
              value={typed}
              onChange={({ target }) => {
                setTyped(target.value);
              }}
              onKeyDown={(event) => {
                // Not the sale: the code is in the same form.
                if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
                event.preventDefault();
                apply();
              }}
            />
          </div>
          <Button disabled={!typed.trim()} onClick={apply}>
            {w.sale.applyCode}
          </Button>
        </div>
      )}
      <Refused error={error} />
    </div>
  );
}
