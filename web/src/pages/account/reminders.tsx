import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { useLinkToken } from '../../account/use-link-token';
import { command } from '../../api/client';
import { Problem } from '../../api/problem';
import { Button, ButtonLink } from '../../design/button';
import { useTitle } from '../../design/hooks';
import { Lines, Note, Refused } from '../../design/notices';
import { t } from '../../i18n/texts';

/** Page behind the link in a reminder. Opening it turns reminders off, without signing in; a button turns them on again. */
export default function Reminders() {
  useTitle(t.reminders.title);
  const token = useLinkToken();
  const choose = useMutation({
    mutationFn: (choice: { token: string; wanted: boolean }) => command('PUT', '/reminders', { body: choice }),
  });
  const { mutate } = choose;
  // Once per link, also where effects run twice.
  const opened = useRef<string | null>(null);
  useEffect(() => {
    if (token === null || opened.current === token) return;
    opened.current = token;
    mutate({ token, wanted: false });
  }, [token, mutate]);
  const isUnknown = token === null || (choose.error instanceof Problem && choose.error.status === 404);
  const wanted = choose.variables?.wanted ?? false;
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="mb-6 text-4xl">{t.reminders.title}</h1>
      {isUnknown ? (
        <div className="grid gap-4">
          <Note tone="warn">{t.reminders.unknownLink}</Note>
          <ButtonLink to="/profile">{t.reminders.toProfile}</ButtonLink>
        </div>
      ) : choose.isSuccess ? (
        <div className="grid gap-4">
          <Note tone="good">{wanted ? t.reminders.on : t.reminders.off}</Note>
          <p className="text-soft">{wanted ? t.reminders.hint : t.reminders.othersStay}</p>
          <Button
            className="justify-self-start"
            onClick={() => {
              mutate({ token, wanted: !wanted });
            }}
          >
            {wanted ? t.reminders.turnOff : t.reminders.turnOn}
          </Button>
        </div>
      ) : choose.error ? (
        <div className="grid gap-4">
          <Refused error={choose.error} />
          <Button
            className="justify-self-start"
            onClick={() => {
              mutate({ token, wanted });
            }}
          >
            {wanted ? t.reminders.turnOn : t.reminders.turnOff}
          </Button>
        </div>
      ) : (
        <Lines rows={2} />
      )}
    </div>
  );
}
