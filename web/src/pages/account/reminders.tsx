import { useMutation } from '@tanstack/react-query';

import { useLinkToken } from '../../account/use-link-token';
import { command } from '../../api/client';
import { Problem } from '../../api/problem';
import { Button, ButtonLink } from '../../design/button';
import { useTitle } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { t } from '../../i18n/texts';

/**
 * Page behind the link in a reminder. A button turns reminders off without signing in, and on again. Nothing happens without a press:
 * programs that check mails open their links, too.
 */
export default function Reminders() {
  useTitle(t.reminders.title);
  const token = useLinkToken();
  const choose = useMutation({
    mutationFn: (choice: { token: string; wanted: boolean }) => command('PUT', '/reminders', { body: choice }),
  });
  const isUnknown = token === null || (choose.error instanceof Problem && choose.error.status === 404);
  // What the last press was for.
  const wanted = choose.variables?.wanted ?? false;
  const next = choose.isSuccess ? !wanted : wanted;
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="mb-6 text-4xl">{t.reminders.title}</h1>
      {isUnknown ? (
        <div className="grid gap-4">
          <Note tone="warn">{t.reminders.unknownLink}</Note>
          <ButtonLink to="/profile">{t.reminders.toProfile}</ButtonLink>
        </div>
      ) : (
        <div className="grid gap-4">
          {choose.isSuccess && <Note tone="good">{wanted ? t.reminders.on : t.reminders.off}</Note>}
          <Refused error={choose.error} />
          <p className="text-soft">{choose.isSuccess && wanted ? t.reminders.hint : t.reminders.othersStay}</p>
          <Button
            className="justify-self-start"
            busy={choose.isPending}
            onClick={() => {
              choose.mutate({ token, wanted: next });
            }}
          >
            {next ? t.reminders.turnOn : t.reminders.turnOff}
          </Button>
        </div>
      )}
    </div>
  );
}
