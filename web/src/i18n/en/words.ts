import { plurals } from '../plurals';

const plural = plurals('en-IN');

const words = {
  count: {
    seats: (n: number) => plural(n, { one: '# seat', other: '# seats' }),
    shows: (n: number) => plural(n, { one: '# show', other: '# shows' }),
    venues: (n: number) => plural(n, { one: '# venue', other: '# venues' }),
    suggestions: (n: number) => plural(n, { one: '# suggestion', other: '# suggestions' }),
  },
  status: {
    held: 'Waiting for payment',
    paying: 'Payment under way',
    confirmed: 'Confirmed',
    expired: 'Expired',
    cancelled: 'Cancelled',
    refunded: 'Refunded',
    pending: 'Pending',
    captured: 'Captured',
    given: 'Given',
    failed: 'Failed',
    refunding: 'Refunding',
    review: 'Needs a decision',
    active: 'Active',
    inactive: 'Inactive',
    wanted: 'Waiting',
    sending: 'Being sent',
    sent: 'Sent',
    completed: 'Completed',
    requested: 'Requested',
    submitted: 'At the provider',
    attempted: 'Being tried',
    current: 'Current',
    behind: 'Behind',
    halted: 'Halted',
    unknown: 'Unknown',
    retired: 'Retired',
  },
  when: {
    today: 'Today',
    tomorrow: 'Tomorrow',
    zone: (place: string) => `${place} time`,
    minutes: (minutes: number) => `${String(minutes)} min`,
    hours: (hours: number) => `${String(hours)} h`,
    hoursAndMinutes: (hours: number, minutes: number) => `${String(hours)} h ${String(minutes)} min`,
    justNow: 'just now',
    minutesAgo: (minutes: number) => `${String(minutes)} min ago`,
    hoursAgo: (hours: number) => `${String(hours)} h ago`,
    soon: (duration: string) => `In ${duration}`,
  },
  currencies: {
    INR: 'rupees',
    USD: 'dollars',
    EUR: 'euros',
    GBP: 'pounds',
    AED: 'dirhams',
    SGD: 'Singapore dollars',
  },
  /** Names that come from the catalogue of shows, as readers of this language write them. */
  names: {
    cities: {} as Record<string, string>,
    genres: {} as Record<string, string>,
    languages: {} as Record<string, string>,
    /** Price categories, in lower case. */
    categories: {} as Record<string, string>,
    /** Names of screens in lower case, without the number of `Screen 2`. */
    screens: {} as Record<string, string>,
  },
  ticketTypes: {
    standard: 'Ticket',
    adult: 'Adult',
    child: 'Child',
    senior: 'Senior',
    student: 'Student',
    companion: 'Companion',
    member: 'Member',
    group: 'Group',
  },
};

export default words;
