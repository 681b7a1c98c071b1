import { Link, useSearchParams } from 'react-router';

import type { Customer } from '../../api/types';
import { statusName } from '../../design/badge';
import { SelectField } from '../../design/field';
import { w } from '../../i18n/work/texts';

export function CustomerCell({ customer }: { customer: Customer | null | undefined }) {
  return (
    <span className="block min-w-36">
      {customer?.name ?? '–'}
      <span className="block text-sm wrap-anywhere text-soft">{customer?.email}</span>
    </span>
  );
}

export function HistoryLink({ aggregate, id }: { aggregate: string; id: string }) {
  return (
    <Link className="link whitespace-nowrap" to={`/admin/history?aggregate=${aggregate}&id=${id}`}>
      {w.house.history}
    </Link>
  );
}

/** Choice of one status, or any. */
export function Filter({
  statuses,
  status,
  onStatus,
}: {
  statuses: string[];
  status: string;
  onStatus: (status: string) => void;
}) {
  return (
    <SelectField
      label={w.house.status}
      value={status}
      onChange={(event) => {
        onStatus(event.target.value);
      }}
    >
      <option value="">{w.house.any}</option>
      {statuses.map((one) => (
        <option key={one} value={one}>
          {statusName(one)}
        </option>
      ))}
    </SelectField>
  );
}

/** The `status` parameter of the page address. */
export function useStatus() {
  const [params, setParams] = useSearchParams();
  return [
    params.get('status') ?? '',
    (status: string) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (status) next.set('status', status);
          else next.delete('status');
          return next;
        },
        { replace: true },
      );
    },
  ] as const;
}
