import type { ReactNode, SelectHTMLAttributes } from 'react';

type Props = SelectHTMLAttributes<HTMLSelectElement> & {
  /** For screen readers; what is chosen says enough to others. */
  label: string;
  /** It narrows what the page shows. */
  active?: boolean;
  children: ReactNode;
};

/** A choice without a visible name, such as the city of a list. */
export function PillSelect({ label, active = false, className = '', children, ...rest }: Props) {
  return (
    <label className="min-w-0">
      <span className="sr-only">{label}</span>
      <select
        className={[
          'h-11 max-w-full truncate rounded-full border px-4 font-semibold transition-colors hover:border-ink',
          active ? 'border-ink bg-ink text-ground' : 'border-line-strong bg-card',
          className,
        ].join(' ')}
        {...rest}
      >
        {children}
      </select>
    </label>
  );
}
