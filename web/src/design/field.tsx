import { Eye, EyeOff } from 'lucide-react';
import {
  useId,
  useRef,
  useState,
  type ComponentProps,
  type FormEvent,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import { flushSync } from 'react-dom';

import { t } from '../i18n/texts';
import { IconButton } from './button';

interface Named {
  label: string;
  /** Help text below the field. */
  hint?: ReactNode;
  /** Error text; replaces the hint. */
  error?: string | undefined;
}

const BOX = [
  'w-full rounded-xl border bg-card px-3.5 text-ink placeholder:text-soft',
  'transition-colors hover:border-ink focus:outline-offset-0 disabled:bg-sunk',
  'disabled:text-soft',
].join(' ');

function edge(error: string | undefined): string {
  return error ? 'border-bad' : 'border-line-strong';
}

function Around({ id, label, hint, error, children }: Named & { id: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block text-sm font-semibold">
        {label}
      </label>
      {children}
      {hint && !error && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-hint`} className="mt-1 text-sm font-medium text-bad" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Named) {
  return { 'aria-invalid': error ? true : undefined, 'aria-describedby': (hint ?? error) ? `${id}-hint` : undefined };
}

/** Error text of an invalid field; the browser's own text if we have none. */
function flawOf({ validity, value, minLength, validationMessage }: HTMLInputElement): string {
  if (validity.valueMissing) return t.design.missing;
  if (validity.typeMismatch) return t.design.badEmail;
  if (validity.tooShort) return t.design.tooShort(minLength, value.length);
  return validationMessage;
}

type TextFieldProps = Named & ComponentProps<'input'> & { /** At the end of the box. */ button?: ReactNode };

export function TextField({ label, hint, error, button, className = '', onChange, ...rest }: TextFieldProps) {
  const id = useId();
  const [flaw, setFlaw] = useState<string>();
  const wrong = flaw ?? error;
  const onInvalid = (event: FormEvent<HTMLInputElement>) => {
    // Shown beside the field instead of in the browser's bubble, which disappears by itself.
    event.preventDefault();
    const field = event.currentTarget;
    setFlaw(flawOf(field));
    if (field.form?.querySelector('input:invalid') === field) field.focus();
  };
  return (
    <Around id={id} label={label} hint={hint} error={wrong}>
      <div className="relative">
        <input
          id={id}
          className={`${BOX} ${edge(wrong)} h-12 ${button ? 'pe-13' : ''} ${className}`}
          {...described(id, { label, hint, error: wrong })}
          data-first={rest.autoFocus}
          onInvalid={onInvalid}
          onChange={(event) => {
            setFlaw(undefined);
            onChange?.(event);
          }}
          {...rest}
        />
        {button}
      </div>
    </Around>
  );
}

/** Password field with a button that shows the password. */
export function PasswordField({ label, ...rest }: Omit<TextFieldProps, 'type' | 'button' | 'ref'>) {
  const input = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  const toggle = () => {
    const { selectionStart = null, selectionEnd = null } = input.current ?? {};
    // A field that changes its type loses the position of the caret.
    flushSync(() => {
      setShown(!shown);
    });
    input.current?.setSelectionRange(selectionStart, selectionEnd);
  };
  return (
    <TextField
      ref={input}
      label={label}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      // A visible password must not be sent to a spelling service.
      spellCheck={false}
      button={
        <IconButton
          label={t.design.showPassword(label)}
          aria-pressed={shown}
          className="absolute end-1 top-1/2 !size-10 -translate-y-1/2"
          // Keeps the focus, and with it a phone's keyboard, in the field.
          onPointerDown={(event) => {
            event.preventDefault();
          }}
          onMouseDown={(event) => {
            event.preventDefault();
          }}
          onClick={toggle}
        >
          <Icon size={19} aria-hidden />
        </IconButton>
      }
      {...rest}
    />
  );
}

export function TextArea({
  label,
  hint,
  error,
  className = '',
  ...rest
}: Named & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <textarea
        id={id}
        className={`${BOX} ${edge(error)} min-h-28 py-2.5 ${className}`}
        {...described(id, { label, hint, error })}
        data-first={rest.autoFocus}
        {...rest}
      />
    </Around>
  );
}

export function SelectField({
  label,
  hint,
  error,
  className = '',
  children,
  ...rest
}: Named & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <select
        id={id}
        className={`${BOX} ${edge(error)} h-12 ${className}`}
        {...described(id, { label, hint, error })}
        data-first={rest.autoFocus}
        {...rest}
      >
        {children}
      </select>
    </Around>
  );
}
