import { w } from '../../i18n/work/texts';

/** What the log says, word for word, for those who look for a fault. */
export function Technical({ value }: { value: unknown }) {
  return (
    <details className="mt-2 rounded-2xl bg-sunk px-4">
      <summary className="flex min-h-11 cursor-pointer items-center text-sm font-semibold">
        {w.history.technical}
      </summary>
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- Scrollable: reachable by keyboard.
        tabIndex={0}
        className="quiet-scroll max-h-[60dvh] overflow-auto pb-4 text-left text-sm leading-snug wrap-anywhere whitespace-pre-wrap"
      >
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
