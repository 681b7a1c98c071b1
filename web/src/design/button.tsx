import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link, type LinkProps } from 'react-router';

type Look = 'gold' | 'plain' | 'quiet' | 'danger';
type Size = 'medium' | 'large' | 'small';

const LOOKS: Record<Look, string> = {
  // The border shows where the system's colours replace ours.
  gold: 'border border-transparent bg-gold text-on-gold hover:bg-gold-deep disabled:bg-taken disabled:text-soft',
  plain: 'bg-card text-ink border border-line-strong hover:border-ink disabled:border-line disabled:text-soft',
  quiet: 'border border-transparent text-ink hover:bg-sunk disabled:text-soft',
  danger: 'bg-bad-wash text-bad border border-bad/40 hover:border-bad disabled:opacity-60',
};
const SIZES: Record<Size, string> = {
  small: 'min-h-9 px-3 text-sm gap-1.5',
  medium: 'min-h-11 px-4.5 gap-2',
  large: 'min-h-13 px-6 text-lg gap-2.5',
};

export function buttonClass(look: Look, size: Size = 'medium'): string {
  return [
    'inline-flex items-center justify-center rounded-full font-semibold text-center leading-tight',
    'transition-[background-color,border-color,transform] duration-150',
    'active:scale-[0.98] disabled:active:scale-100',
    LOOKS[look],
    SIZES[size],
  ].join(' ');
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  size?: Size;
  /** A request is running: the button shows it and cannot be pressed again. */
  busy?: boolean;
}

export function Button({
  look = 'plain',
  size = 'medium',
  busy = false,
  className = '',
  children,
  disabled,
  type = 'button',
  ...rest
}: Props) {
  return (
    <button
      type={type}
      className={`${buttonClass(look, size)} ${className}`}
      disabled={disabled ?? busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export function ButtonLink({
  look = 'plain',
  size = 'medium',
  className = '',
  ...rest
}: LinkProps & { look?: Look; size?: Size }) {
  return <Link className={`${buttonClass(look, size)} ${className}`} {...rest} />;
}

/** Round button with an icon only; `label` is its accessible name. */
export function IconButton({
  label,
  className = '',
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={[
        'inline-grid size-11 shrink-0 place-items-center rounded-full text-ink transition-colors',
        'hover:bg-sunk disabled:text-soft',
        className,
      ].join(' ')}
      {...rest}
    >
      {children}
    </button>
  );
}

export function Spinner() {
  return (
    <svg className="size-4 animate-spin" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.500" fill="none" stroke="currentColor" strokeWidth="2" opacity="0.25" />
      <path
        d="M8 1.500a6.500 6.500 0 0 1 6.500 6.500"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}
