import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

/** A venue in a list: its name, and where it is. */
export function VenueLink({ id, name, address }: { id: string; name: ReactNode; address: ReactNode }) {
  return (
    <Link to={`/venues/${id}`} className="group flex items-center justify-between gap-3 py-3">
      <span className="min-w-0">
        <span className="block font-semibold wrap-anywhere group-hover:underline">{name}</span>
        <span className="block truncate text-sm text-soft">{address}</span>
      </span>
      <ChevronRight
        size={18}
        className="shrink-0 text-soft transition-transform group-hover:translate-x-1 rtl:-scale-x-100"
        aria-hidden
      />
    </Link>
  );
}
