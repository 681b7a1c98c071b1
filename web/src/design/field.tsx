import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react';

interface Named {
  label: string;
  /** What helps to fill it in. */
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string | undefined;
}

const BOX =
  'w-full rounded-xl border bg-card px-3.5 text-ink placeholder:text-soft transition-colors hover:border-ink focus:outline-offset-0 disabled:bg-sunk disabled:text-soft';

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

export function TextField({ label, hint, error, className = '', ...rest }: Named & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <input id={id} className={`${BOX} ${edge(error)} h-12 ${className}`} {...described(id, { label, hint, error })} data-first={rest.autoFocus} {...rest} />
    </Around>
  );
}

export function TextArea({ label, hint, error, className = '', ...rest }: Named & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <textarea id={id} className={`${BOX} ${edge(error)} min-h-28 py-2.5 ${className}`} {...described(id, { label, hint, error })} data-first={rest.autoFocus} {...rest} />
    </Around>
  );
}

export function SelectField({ label, hint, error, className = '', children, ...rest }: Named & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <select id={id} className={`${BOX} ${edge(error)} h-12 ${className}`} {...described(id, { label, hint, error })} data-first={rest.autoFocus} {...rest}>
        {children}
      </select>
    </Around>
  );
}
