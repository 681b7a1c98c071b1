import { useState, type KeyboardEvent } from 'react';

import { t } from '../i18n/texts';
import { Register } from './register-form';
import { SignIn } from './sign-in';

type Face = 'sign-in' | 'register';

/** Form to sign in or create an account, usable on any page without losing the page's state. */
export function SignInForm({ onDone, first = 'sign-in' }: { onDone?: () => void; first?: Face }) {
  const [face, setFace] = useState<Face>(first);
  const [email, setEmail] = useState('');
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const { activeElement: at } = document;
    ((at?.nextElementSibling ?? at?.previousElementSibling) as HTMLElement | null | undefined)?.focus();
  };
  return (
    <div className="grid gap-5">
      {/* Arrow keys move between the tabs. Enter opens one, because opening moves the focus to its first field. */}
      <div
        role="tablist"
        aria-label={t.account.title}
        tabIndex={-1}
        onKeyDown={onKey}
        className="grid grid-cols-2 rounded-full bg-sunk p-1"
      >
        {(['sign-in', 'register'] as const).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={face === name}
            onClick={() => {
              setFace(name);
            }}
            className={`min-h-10 rounded-full font-semibold transition-colors ${
              face === name ? 'bg-card shadow-card' : 'text-soft hover:text-ink'
            }`}
          >
            {name === 'sign-in' ? t.frame.signIn : t.account.create}
          </button>
        ))}
      </div>
      {face === 'sign-in' ? (
        <SignIn email={email} onEmail={setEmail} onDone={onDone} />
      ) : (
        <Register email={email} onEmail={setEmail} onDone={onDone} />
      )}
    </div>
  );
}
