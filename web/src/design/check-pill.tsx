import type { ReactNode } from 'react';

/** A box to tick that looks like the choice it stands for. */
export function CheckPill({
  checked,
  onChange,
  className = '',
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  className?: string;
  children: ReactNode;
}) {
  return (
    <label
      className={[
        'flex min-h-11 cursor-pointer items-center gap-2 rounded-full px-4 font-semibold',
        'has-[:focus-visible]:ring-2 has-[:focus-visible]:ring-ink',
        checked ? 'bg-ink text-ground' : 'bg-sunk',
        className,
      ].join(' ')}
    >
      <input
        type="checkbox"
        className="size-4 shrink-0 accent-[var(--gold)]"
        checked={checked}
        onChange={({ target }) => {
          onChange(target.checked);
        }}
      />
      {children}
    </label>
  );
}
