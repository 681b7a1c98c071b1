import { Link } from 'react-router';

import { useUser } from '../../api/session/use-session';
import type { Customer } from '../../api/types';
import { statusName } from '../../design/badge';
import { SelectField } from '../../design/field';
import { oneOf, useAddress } from '../../design/use-address';
import { w } from '../../i18n/work/texts';
import { ADMIN, isAllowed } from '../access';

export function CustomerCell({ customer }: { customer: Customer | null | undefined }) {
  return (
    <span className="block min-w-36">
      {customer?.name ?? '–'}
      <span className="block text-sm wrap-anywhere text-soft">{customer?.email}</span>
    </span>
  );
}

/** Everything that happened, for administrators. `of` says to screen readers which row it is about. */
export function HistoryLink({ aggregate, id, of }: { aggregate: string; id: string; of: string }) {
  const role = useUser()?.role;
  if (!isAllowed(role, ADMIN)) return null;
  return (
    <Link
      className="link whitespace-nowrap"
      aria-label={w.house.of(w.house.history, of)}
      to={`/admin/history?aggregate=${aggregate}&id=${id}`}
    >
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
  statuses: readonly string[];
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

/** The `status` parameter of the page address, if it is one of these. */
export function useStatus(statuses: readonly string[]) {
  const [params, set] = useAddress();
  return [
    oneOf(statuses, params.get('status')),
    (status: string) => {
      set({ status });
    },
  ] as const;
}
