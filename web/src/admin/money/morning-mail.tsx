import { useMutation, useQuery } from '@tanstack/react-query';

import { command } from '../../api/client';
import { outdated, reading } from '../../api/queries';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';

/** Turns the mail about yesterday's sales on and off. */
export function MorningMail() {
  const me = useQuery(reading('/me'));
  const choose = useMutation({
    mutationFn: (sales_mail: boolean) => command('PATCH', '/me', { body: { sales_mail } }),
    onSuccess: (_, isOn) => {
      say(isOn ? w.sales.mailIsOn : w.sales.mailIsOff, 'good');
      return outdated('/me');
    },
  });
  if (!me.data) return <Refused error={me.error} />;
  return (
    <div className="mt-5">
      <label className="flex min-h-11 items-center gap-3">
        <input
          type="checkbox"
          className="size-5 shrink-0 accent-ink"
          checked={choose.isPending ? choose.variables : me.data.sales_mail}
          disabled={choose.isPending}
          aria-describedby="morning-mail"
          onChange={({ target }) => {
            choose.mutate(target.checked);
          }}
        />
        {w.sales.mail}
      </label>
      <p id="morning-mail" className="text-sm text-soft">
        {w.sales.mailHint}
      </p>
      <Refused error={choose.error} />
    </div>
  );
}
