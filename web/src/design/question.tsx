import type { ReactNode } from 'react';

import { Button } from './button';
import { Dialog } from './dialog';
import { Refused } from './notices';

export interface Act {
  mutate: () => void;
  isPending?: boolean;
  error?: unknown;
}

interface Props {
  title: string;
  /** What the answer means. */
  children: ReactNode;
  /** The answer that acts, and the one that does no harm, which has the focus. */
  verb: string;
  harmless: string;
  act: Act;
  onClose: () => void;
}

/** A last question before what cannot be taken back. */
export function Question({ title, children, verb, harmless, act, onClose }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="grid gap-4">
        {children}
        <Refused error={act.error} />
        <div className="grid gap-3 xs:grid-cols-2">
          <Button data-first onClick={onClose}>
            {harmless}
          </Button>
          <Button
            look="danger"
            busy={act.isPending ?? false}
            onClick={() => {
              act.mutate();
            }}
          >
            {verb}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
