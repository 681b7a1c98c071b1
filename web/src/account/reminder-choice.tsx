import { useMutation } from '@tanstack/react-query';

import { command } from '../api/client';
import { outdated } from '../api/queries';
import type { Me } from '../api/types';
import { Refused } from '../design/notices';
import { say } from '../design/toast';
import { t } from '../i18n/texts';

/** Turns the reminders of screenings on and off. */
export function ReminderChoice({ me }: { me: Me }) {
  const choose = useMutation({
    mutationFn: (reminders: boolean) => command('PATCH', '/me', { body: { reminders } }),
    onSuccess: async ({ reminders }) => {
      await outdated('/me');
      say(reminders ? t.reminders.on : t.reminders.off, 'good');
    },
  });
  return (
    <div className="grid gap-3">
      <h2 className="text-2xl">{t.reminders.title}</h2>
      <label className="flex cursor-pointer items-start gap-3">
        <input
          type="checkbox"
          className="mt-1 size-5 shrink-0 accent-ink"
          checked={choose.isPending ? choose.variables : me.reminders}
          disabled={choose.isPending}
          aria-describedby="reminders-hint"
          onChange={(event) => {
            choose.mutate(event.target.checked);
          }}
        />
        <span>{t.reminders.remindMe}</span>
      </label>
      <p id="reminders-hint" className="text-soft">
        {t.reminders.hint}
      </p>
      <Refused error={choose.error} />
    </div>
  );
}
