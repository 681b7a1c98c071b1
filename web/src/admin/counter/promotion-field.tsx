import type { SaleQuote } from '../../api/types';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { money } from '../../design/format';
import { Note, Refused } from '../../design/notices';
import { t } from '../../i18n/texts';
import { w } from '../../i18n/work/texts';
import { appliedCode, NO_CODE, troubleOf, type Code } from './code';

interface Props {
  quote: SaleQuote | undefined;
  error: unknown;
  code: Code;
  onCode: (code: Code) => void;
  onRetry: () => void;
}

/** The promotion that lowers the price, and a field for a code. */
export function PromotionField({ quote, error, code, onCode, onRetry }: Props) {
  const trouble = troubleOf(error, code);
  const apply = () => {
    onCode(appliedCode(code));
  };
  return (
    <div className="grid gap-2">
      {quote?.promotion && (
        <p role="status" className="flex justify-between gap-4 text-good">
          <span className="wrap-anywhere">{quote.promotion.name ?? quote.promotion.code ?? w.sale.offer}</span>
          <span className="numbers shrink-0">{w.sale.less(money(quote.discount))}</span>
        </p>
      )}
      {code.applied ? (
        <p className="flex items-baseline justify-between gap-4">
          <span className="text-sm text-soft wrap-anywhere">{w.sale.codeIs(code.applied)}</span>
          <button
            type="button"
            className="link text-sm"
            onClick={() => {
              onCode(NO_CODE);
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
              value={code.typed}
              onChange={({ target }) => {
                onCode({ ...code, typed: target.value });
              }}
              onKeyDown={(event) => {
                // Not the sale: the code is in the same form.
                if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
                event.preventDefault();
                apply();
              }}
            />
          </div>
          <Button disabled={!code.typed.trim()} onClick={apply}>
            {w.sale.applyCode}
          </Button>
        </div>
      )}
      {trouble === 'code' && <Refused error={error} />}
      {trouble === 'offer' && (
        <Note tone="warn">
          {w.sale.offerUnchecked}{' '}
          <button type="button" className="link" onClick={onRetry}>
            {t.design.tryAgain}
          </button>
        </Note>
      )}
    </div>
  );
}
