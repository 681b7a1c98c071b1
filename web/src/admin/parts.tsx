/** Parts that the pages for administrators share. */

import { Fragment, type ComponentProps, type ReactNode } from 'react';

import { Problem } from '../api/problem';
import { Button } from '../design/button';
import { Empty, Failed, Lines, Note } from '../design/notices';
import { Question } from '../design/question';
import { w } from '../i18n/work/texts';

export function Title({ children, actions }: { children: ReactNode; actions?: ReactNode }) {
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <h1 className="min-w-0 text-3xl wrap-anywhere sm:text-4xl">{children}</h1>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

export function Card({
  title,
  actions,
  children,
  className = '',
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`rounded-3xl bg-card p-5 shadow-card sm:p-6 ${className}`}>
      {(title ?? actions) && (
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <h2 className="text-2xl">{title}</h2>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** The answer of a query, or what stands in its place: also where an installation does not have the route. */
export function Answer<T>({
  of,
  children,
  absent = w.house.absent,
}: {
  of: Asked<T>;
  children: (data: T) => ReactNode;
  absent?: string;
}) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error ? (
          <Note tone="warn" className="mb-4">
            {w.house.outdated} {of.error instanceof Problem && of.error.message}
          </Note>
        ) : null}
        <Fragment>{children(of.data)}</Fragment>
      </>
    );
  }
  if (of.error instanceof Problem && of.error.notOffered) return <Empty title={absent} />;
  if (of.error) return <Failed error={of.error} retry={() => void of.refetch()} />;
  return <Lines rows={3} />;
}

/** The way to the next page of a list. */
export function More({
  of,
}: {
  of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  if (!of.hasNextPage) return null;
  return (
    <div className="mt-5 text-center">
      <Button busy={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {w.house.more}
      </Button>
    </div>
  );
}

export interface Column<T> {
  /** Empty: what can be done with the row. */
  name: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  right?: boolean;
}

/** Rows and columns. On phones each row becomes a card that begins with its first cell, so that nothing is hidden. */
export function Table<T>({
  label,
  columns,
  rows,
  keyOf,
  empty = w.house.nothing,
}: {
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  empty?: string;
}) {
  if (rows.length === 0) return <Empty title={empty} />;
  return (
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={label} tabIndex={0} className="relative -mx-2 overflow-x-auto quiet-scroll">
      <table className="w-full border-collapse text-left max-sm:block">
        <thead className="max-sm:sr-only">
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={[
                  'whitespace-nowrap border-b border-line px-2 pb-2 text-sm font-semibold text-soft',
                  column.right ? 'text-right' : '',
                ].join(' ')}
              >
                {column.name || <span className="sr-only">{w.house.actions}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              className={[
                'border-b border-line last:border-0 hover:bg-sunk/60 max-sm:grid',
                'max-sm:grid-cols-1 max-sm:gap-1.5 max-sm:px-2 max-sm:py-4',
              ].join(' ')}
            >
              {columns.map((column, index) => {
                const content = column.cell(row);
                const named = index > 0 && column.name !== '';
                const isEmpty = content === null || content === undefined || content === false || content === '';
                // A cell without anything in it would be a name and a gap on a phone.
                const place = isEmpty
                  ? 'max-sm:hidden'
                  : [
                      'max-sm:flex max-sm:items-baseline max-sm:gap-4',
                      named ? 'max-sm:justify-between max-sm:text-right' : 'max-sm:text-left',
                    ].join(' ');
                return (
                  <td
                    key={column.name}
                    className={[
                      'px-2 py-2.5 align-middle max-sm:p-0',
                      column.right ? 'numbers text-right sm:whitespace-nowrap' : '',
                      place,
                    ].join(' ')}
                  >
                    {named && (
                      <span aria-hidden className="shrink-0 text-sm text-soft sm:hidden">
                        {column.name}
                      </span>
                    )}
                    <div className="min-w-0 max-sm:wrap-anywhere">{content}</div>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A figure that matters. */
export function Figure({ label, children, hint }: { label: string; children: ReactNode; hint?: ReactNode }) {
  return (
    <div className="rounded-3xl bg-card p-5 shadow-card">
      <p className="text-soft">{label}</p>
      <p className="numbers marquee text-3xl wrap-anywhere xl:text-4xl">{children}</p>
      {hint && <p className="mt-1 text-sm text-soft">{hint}</p>}
    </div>
  );
}

type SureProps = Omit<ComponentProps<typeof Question>, 'harmless'> & { harmless?: string };

/** A last question before what cannot be taken back. */
export function Sure({ children, harmless = w.house.goBack, ...rest }: SureProps) {
  return (
    <Question harmless={harmless} {...rest}>
      <p>{children}</p>
    </Question>
  );
}
