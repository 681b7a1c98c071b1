import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated } from '../../api/queries';
import type { Screen } from '../../api/types';
import { Button } from '../../design/button';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Sure } from '../parts';

/** Takes a screen out of use, or brings it back. */
export function RetireScreen({ screen: { screen_id, venue_id, name, status } }: { screen: Screen }) {
  const [asking, setAsking] = useState(false);
  const done = (words: string) => {
    setAsking(false);
    say(words, 'good');
    void outdated('/screens', `/venues/${venue_id}`);
  };
  const retire = useMutation({
    mutationFn: () => command('DELETE', `/screens/${screen_id}`),
    onSuccess: () => {
      done(w.retiring.retired(name));
    },
  });
  const key = useKey();
  const back = useMutation({
    mutationFn: () =>
      key.run([screen_id], (text) => command('POST', `/screens/${screen_id}/reactivation`, { key: text })),
    onSuccess: () => {
      done(w.retiring.isBack(name));
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  if (status === 'retired')
    return (
      <Button
        busy={back.isPending}
        onClick={() => {
          back.mutate();
        }}
      >
        {w.retiring.back}
      </Button>
    );
  return (
    <>
      <Button
        look="danger"
        onClick={() => {
          retire.reset();
          setAsking(true);
        }}
      >
        {w.retiring.retire}
      </Button>
      {asking && (
        <Sure
          title={w.retiring.sure(name)}
          verb={w.retiring.retire}
          act={retire}
          onClose={() => {
            setAsking(false);
          }}
        >
          {w.retiring.why}
        </Sure>
      )}
    </>
  );
}
