import { useQuery } from '@tanstack/react-query';

import { reading } from '../../api/queries';
import { useUser } from '../../api/session/use-session';
import type { Till } from '../../api/types';

/** The till that the reader has open. Undefined while it loads, null if there is none. */
export function useOpenTill(): Till | null | undefined {
  const me = useUser()?.user_id ?? '';
  const tills = useQuery({ ...reading('/box-office/tills', { seller_id: me, open: true, limit: 1 }), retry: false });
  if (!tills.data) return tills.error ? null : undefined;
  return tills.data.items[0] ?? null;
}
