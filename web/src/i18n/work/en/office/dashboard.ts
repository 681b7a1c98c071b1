import { plurals } from '../../../plurals';

const plural = plurals('en-IN');

const dashboard = {
  dashboard: {
    page: 'Administration',
    title: 'Today',
    sold: 'Sold today',
    refunded: (amounts: string) => `${amounts} refunded`,
    tickets: 'Tickets today',
    screenings: 'Screenings today',
    toCome: (screenings: number) =>
      plural(screenings, { one: '# is still to come or running', other: '# are still to come or running' }),
    taken: 'Seats taken today',
    takenOf: (taken: string, seats: string) => `${taken} of ${seats}`,
    next: 'Next screenings',
    nothingMore: 'Nothing more today',
    columns: { time: 'Time', show: 'Show', where: 'Where', taken: 'Taken' },
    firstSteps: 'First steps',
    steps: {
      venue: 'Open a venue, and add its screens',
      show: 'Add a show, with its poster',
      schedule: 'Schedule it',
    },
    done: 'Done',
  },
  attention: {
    title: 'Needs attention',
    nothing: 'Nothing. All is well.',
    seen: 'I have seen these mails',
    notLoaded: 'Some of this could not be loaded. It is tried again in a moment.',
    parked: (steps: number) =>
      plural(steps, { one: '# failed step needs a decision', other: '# failed steps need a decision' }),
    halted: (lists: number) =>
      plural(lists, { one: '# list is no longer updated', other: '# lists are no longer updated' }),
    payments: (payments: number) =>
      plural(payments, { one: '# payment needs a decision', other: '# payments need a decision' }),
    refunds: (refunds: number) =>
      plural(refunds, { one: '# refund needs a decision', other: '# refunds need a decision' }),
    credits: (credits: number) =>
      plural(credits, {
        one: '# credit needs the approval of a second administrator',
        other: '# credits need the approval of a second administrator',
      }),
    lateRefunds: (refunds: number) =>
      plural(refunds, {
        one: '# refund has been open for more than an hour',
        other: '# refunds have been open for more than an hour',
      }),
    unmatched: (entries: number) =>
      plural(entries, {
        one: '# entry of the reconciliation needs attention',
        other: '# entries of the reconciliation need attention',
      }),
    mails: (mails: number) => plural(mails, { one: '# mail could not be sent', other: '# mails could not be sent' }),
    cascades: (cancellations: number) =>
      plural(cancellations, { one: '# cancellation has failures', other: '# cancellations have failures' }),
    storage: (name: string, percent: string) => `Storage ${name} is ${percent} % full`,
  },
};

export default dashboard;
