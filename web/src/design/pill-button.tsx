import type { ButtonHTMLAttributes } from 'react';

/** One of some choices that lie side by side; pressed while it is chosen. */
export function PillButton({
  pressed,
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { pressed: boolean }) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      className={[
        'min-h-11 rounded-full border px-4 font-semibold transition-colors',
        pressed ? 'border-ink bg-ink text-ground' : 'border-line-strong bg-card hover:border-ink',
        className,
      ].join(' ')}
      {...rest}
    />
  );
}
