import { usePolicy } from '../../api/policy';
import type { Money } from '../../api/types';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { money, parseMoney, typedMoney } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { change, likelyNotes } from './change';

/** The cash that the customer hands over, and the change. */
export function Cash({ price, text, onText }: { price: Money; text: string; onText: (text: string) => void }) {
  const { currency } = usePolicy();
  const given = parseMoney(text, currency.code);
  const back = given && change(price, given);
  return (
    <div className="grid gap-2">
      <TextField
        label={w.sale.given}
        inputMode="decimal"
        autoComplete="off"
        value={text}
        error={given && !back ? w.sale.notEnough : undefined}
        onChange={({ target }) => {
          onText(target.value);
        }}
      />
      <div className="flex flex-wrap gap-2">
        {likelyNotes(price, currency.decimals).map((note) => (
          <Button
            key={note.amount_minor}
            size="small"
            onClick={() => {
              onText(typedMoney(note));
            }}
          >
            {money(note)}
          </Button>
        ))}
      </div>
      {back && (
        <p className="flex items-baseline justify-between gap-4" role="status">
          <span className="text-soft">{w.sale.change}</span>
          <span className="numbers marquee text-2xl">{money(back)}</span>
        </p>
      )}
    </div>
  );
}
