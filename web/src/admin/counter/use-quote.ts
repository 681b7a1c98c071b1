import { useQuery } from '@tanstack/react-query';

import { command } from '../../api/client';
import type { SaleQuote, WantedSale } from '../../api/types';

/** The price of a sale with the best offer, or with the code that the buyer names. */
export function useQuote(screening: string, seats: WantedSale['seats'], code: string, isOn: boolean) {
  const body = { screening_id: screening, seats, ...(code && { code }) };
  const quote = useQuery<SaleQuote>({
    queryKey: ['/box-office/quotes', body],
    queryFn: () => command('POST', '/box-office/quotes', { body }),
    enabled: isOn && seats.length > 0,
    retry: false,
  });
  const { data, error, isLoading } = quote;
  return {
    data: isOn ? data : undefined,
    // The full price can be sold, but the seller has to know that an offer may lower it.
    error: isOn ? error : null,
    isLoading,
    retry: () => void quote.refetch(),
  };
}
