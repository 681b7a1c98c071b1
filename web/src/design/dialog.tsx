import { X } from 'lucide-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';

import { t } from '../i18n/texts';
import { IconButton } from './button';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** A sheet from below on phones (the default), or a dialog over everything for long forms. */
  wide?: boolean;
}

/** A question or form over the page. The browser's own dialog keeps the focus inside and closes on Escape. */
export function Dialog({ title, onClose, children, wide = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const opener = useRef<Element | null>(null);

  useEffect(() => {
    const shown = dialog.current;
    opener.current ??= document.activeElement;
    if (shown && !shown.open) shown.showModal();
    // A field with `autoFocus` asked for the focus before the dialog was open, and the browser would focus Close. Start
    // at the harmless answer of a question, or at the first field of a form.
    (
      shown?.querySelector<HTMLElement>('[data-first=true]') ??
      shown?.querySelector<HTMLElement>('input, select, textarea')
    )?.focus();
    const { style } = document.documentElement;
    style.overflow = 'hidden';
    return () => {
      style.overflow = '';
      // The dialog is removed from the page rather than closed, so the browser does not restore the focus.
      const back = opener.current?.isConnected ? opener.current : document.getElementById('content');
      if (back instanceof HTMLElement && !shown?.isConnected) back.focus({ preventScroll: true });
    };
  }, []);

  return (
    // The backdrop is the dialog element itself; Escape does the same as a click on it.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className={[
        'sheet m-0 mt-auto max-h-[92dvh] w-full max-w-none overflow-y-auto rounded-t-3xl bg-card text-ink shadow-lift',
        // Long words break, so that nothing scrolls sideways.
        'quiet-scroll wrap-anywhere sm:m-auto sm:rounded-3xl',
        wide ? 'sm:max-w-3xl' : 'sm:max-w-md',
      ].join(' ')}
    >
      <div className="p-5 pb-[max(1.25rem,env(safe-area-inset-bottom))] sm:p-7">
        <div className="mb-4 flex items-start justify-between gap-3">
          <h2 id={heading} className="min-w-0 pt-1.5 text-2xl">
            {title}
          </h2>
          <IconButton label={t.design.close} onClick={onClose} className="-me-2 -mt-1">
            <X size={22} aria-hidden />
          </IconButton>
        </div>
        {children}
      </div>
    </dialog>
  );
}
