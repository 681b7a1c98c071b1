/** The frame of the administration, and the parts that its pages share. */
const frame = {
  house: {
    nav: 'Administration',
    groups: { today: 'Today', programme: 'Programme', sales: 'Sales', people: 'People', system: 'System' },
    rooms: {
      today: 'Today',
      boxOffice: 'Box office',
      bookings: 'Bookings',
      door: 'Door',
      schedule: 'Schedule',
      shows: 'Shows',
      venues: 'Venues',
      money: 'Money',
      promotions: 'Promotions',
      cancellations: 'Cancellations',
      mails: 'Mails',
      people: 'People',
      security: 'Security log',
      system: 'System',
      history: 'History',
    },
    absent: 'This installation does not offer this yet.',
    outdated: 'This may be out of date.',
    more: 'More',
    nothing: 'Nothing here',
    actions: 'Actions',
    goBack: 'Go back',
    status: 'Status',
    any: 'Any',
    history: 'History',
    /** Name of a button in a row of a list, for those who do not see the row. */
    of: (verb: string, row: string) => `${verb}: ${row}`,
  },
};

export default frame;
