/** Asks before what was typed into a form is left behind: by a link, by the way back, or by closing the tab. */

import { useEffect, useState } from 'react';
import { useBlocker } from 'react-router';

import { Sure } from '../parts';
import { w } from '../../i18n/work/texts';

interface Props {
  /** Values that the form would save. */
  values: unknown;
  /** The command that saves it. */
  save: { status: 'idle' | 'pending' | 'success' | 'error' };
}

export function Unsaved({ values, save: { status } }: Props) {
  const now = JSON.stringify(values);
  // The values at opening or at the last save, without what is typed during a save.
  const [last, setLast] = useState({ status, sent: now, kept: now });
  if (last.status !== status)
    setLast({
      status,
      sent: status === 'pending' ? now : last.sent,
      kept: status === 'success' ? last.sent : last.kept,
    });
  // A form that is being saved may lead on by itself.
  const changed = status !== 'pending' && now !== last.kept;
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => changed && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => {
      window.removeEventListener('beforeunload', ask);
    };
  }, [changed]);
  if (blocker.state !== 'blocked') return null;
  return (
    <Sure
      title={w.unsaved.title}
      verb={w.unsaved.leave}
      harmless={w.unsaved.stay}
      act={{
        mutate: () => {
          blocker.proceed();
        },
      }}
      onClose={() => {
        blocker.reset();
      }}
    >
      {w.unsaved.why}
    </Sure>
  );
}
