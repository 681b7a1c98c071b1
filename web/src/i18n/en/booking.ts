import { plurals } from '../plurals';

const plural = plurals('en-IN');

const booking = {
  ticket: {
    large: 'Tickets for the door',
    all: 'Tickets',
    place: (at: number, all: number) => `${String(at)} of ${String(all)}`,
    codeOf: (seat: string) => `QR code of seat ${seat}`,
    showLarge: (seat: string) => `Show the code of seat ${seat} large`,
    before: 'Seat before',
    next: 'Next seat',
    number: (reference: string) => `Booking number ${reference}`,
    show: (tickets: number) => plural(tickets, { one: 'Show the ticket', other: 'Show the tickets' }),
    map: 'Map',
    nextUp: 'Next',
    addToApple: 'Add to Apple Wallet',
    addToGoogle: 'Add to Google Wallet',
    addSeatToApple: (seat: string) => `Add ticket ${seat} to Apple Wallet`,
    addSeatToGoogle: (seat: string) => `Add ticket ${seat} to Google Wallet`,
    install: 'Install the app',
    installWhy: 'Your tickets, one tap away, even without a network.',
  },
  share: {
    title: (seat: string) => `Send ticket ${seat}`,
    what: 'A link shows this one ticket, without your account and without the other tickets. Each ticket admits one person, once.',
    make: 'Make a link',
    link: 'Link to the ticket',
    send: 'Send',
    copy: 'Copy',
    copied: 'The link is copied.',
    message: (show: string, time: string, seat: string) => `Your ticket for ${show}, ${time}, seat ${seat}`,
    links: 'Links to this ticket',
    made: (ago: string) => `Made ${ago}`,
    end: 'End it',
    page: 'A ticket for you',
    ended: 'This link shows no ticket any more',
    endedWhy: 'It was ended, the booking has changed, or the screening is over. Please ask the person who sent it.',
    atDoor: 'Show this code at the door. It admits one person, once.',
  },
  calendar: {
    seats: (n: number, seats: string) => `${plural(n, { one: 'seat', other: 'seats' })} ${seats}`,
  },
  booking: {
    seeYou: 'See you there.',
    paid: (seats: number) =>
      plural(seats, {
        one: 'Paid. The seat is yours, and the ticket is here whenever you need it.',
        other: 'Paid. The seats are yours, and the tickets are here whenever you need them.',
      }),
    toPayment: 'Continue to payment',
    number: 'Booking number',
    byTheatre: (text: string) => `Cancelled by the theatre. ${text}`,
    onCard: (amount: string) => `${amount} is back on your card.`,
    inWallet: (amount: string) => `${amount} is back in your wallet.`,
    check: (amount: string) =>
      `The refund of ${amount} needs a manual check. We are working on it; your money is safe.`,
    toCard: (amount: string) => `${amount} is on its way back to the card you paid with.`,
    toWallet: (amount: string) => `${amount} is on its way back to your wallet.`,
    file: (show: string) => `${show} tickets.pdf`,
    noPdf: 'PDF tickets are not available here yet. The codes here are valid.',
    mailed: 'The tickets are on their way to your inbox.',
    noMail: 'Mails are not available here yet.',
    pdf: 'PDF',
    invoice: 'Invoice',
    invoiceWith: (notes: number) =>
      plural(notes, { one: 'Invoice and credit note', other: 'Invoice and credit notes' }),
    invoiceFile: (reference: string) => `Invoice ${reference}.pdf`,
    calendar: 'Add to calendar',
    mail: 'Mail them to me',
    cancel: 'Cancel booking',
    otherTime: (before: string, now: string) => `The theatre changed the time from ${before} to ${now}.`,
    otherScreen: (before: string, now: string) => `It is shown in ${now} instead of ${before}.`,
    freeUntil: (until: string) => `Your tickets stay valid. You can cancel free of charge until ${until}.`,
    couldUntil: (until: string) => `It could be cancelled until ${until}.`,
    again: 'Book again',
    cancelled: 'The booking is cancelled.',
    cancelThis: 'Cancel this booking?',
    backOnSale: (seats: number, names: string) =>
      plural(seats, { one: `Seat ${names} goes back on sale.`, other: 'All # seats go back on sale.' }),
    canUntil: (until: string) => `You can do this until ${until}.`,
    keep: 'Keep it',
    cancelAndRefund: 'Cancel and refund',
    nothingToRefund: 'Nothing has been charged yet, so there is nothing to refund.',
    partToCard: (amount: string, kept: string) =>
      `${amount} goes back to the card you paid with; ${kept} is kept. Banks take a few days to show it.`,
    partToWallet: (amount: string, kept: string) => `${amount} goes back to your wallet at once; ${kept} is kept.`,
    refundToCard: (amount: string) =>
      `${amount} goes back to the card you paid with, the full amount. Banks take a few days to show it.`,
    refundToWallet: (amount: string) => `${amount} goes back to your wallet, the full amount. It is there at once.`,
    /** A refund by several payments. */
    parts: {
      toCard: (amount: string) => `${amount} to the card you paid with`,
      toWallet: (amount: string) => `${amount} to your wallet`,
      atCounter: (amount: string) => `${amount} at the counter`,
      all: (parts: string) => `You get back ${parts}.`,
      banks: 'Banks take a few days to show it.',
    },
    history: 'History',
    used: (inside: number, seats: number) =>
      inside < seats
        ? `${String(inside)} of ${String(seats)} tickets ${inside === 1 ? 'was' : 'were'} used at the door.`
        : seats === 1
          ? 'The ticket was used at the door.'
          : 'All tickets were used at the door.',
    moved: (before: string, now: string, elsewhere: boolean) =>
      `Moved: ${now}${elsewhere ? ' at another time' : ''} instead of ${before}.`,
    movePaid: {
      card: (amount: string) => `${amount} more was paid by card.`,
      wallet: (amount: string) => `${amount} more was paid from your wallet.`,
    },
    moveReason: (reason: string) => `Reason: ${reason}`,
    moveWaived: (amount: string) => `The difference of ${amount} is waived.`,
    moveUnreturned: (amount: string) => `The new seats cost ${amount} less, which is not refunded.`,
    moveDue: (amount: string) => `The difference of ${amount} goes back to you.`,
    /** What happened, by event. English has the sentences of the API, which know more. */
    story: {} as Record<string, string>,
    left: (time: string) => `${time} left`,
    groups: { upcoming: 'Upcoming', past: 'Past', cancelled: 'Cancelled' },
    none: { upcoming: 'No tickets yet', past: 'No past visits', cancelled: 'Nothing cancelled or expired' },
    which: 'Which tickets',
    whatIsOn: 'See what is on',
    older: 'Older bookings',
  },
  /** Some seats of a paid booking that go back on sale. */
  giveBack: {
    title: 'Give seats back',
    which: 'Which seats do you not need?',
    toWallet: (amount: string) => `${amount} goes back to your wallet at once.`,
    toCard: (amount: string) => `${amount} goes back to the card you paid with. Banks take a few days to show it.`,
    kept: (amount: string) => `${amount} is kept.`,
    feesStay: 'Booking fees are not refunded.',
    restStays: 'Your other tickets stay valid.',
    all: 'To give all seats back, please close this and cancel the booking.',
    keep: 'Keep all',
    go: (seats: number) => plural(seats, { one: 'Give one seat back', other: 'Give # seats back' }),
    done: (seats: string) => `${seats} given back.`,
    wasBack: (seats: string) => `You gave ${seats} back.`,
    wasTaken: (seats: string) => `The theatre took ${seats} back.`,
  },
  /** A paid booking that takes other seats, or another time. */
  move: {
    title: 'Other seats or another time',
    back: 'Back to the booking',
    yours: 'your time',
    have: 'You have',
    instead: 'Instead you take',
    choose: (seats: number) => plural(seats, { one: 'Choose one more seat.', other: 'Choose # seats.' }),
    best: (seats: number) => plural(seats, { one: 'Best free seat', other: 'Best # free seats' }),
    newsAdded: (seat: string, missing: number) =>
      missing > 0
        ? `Seat ${seat} chosen. ${plural(missing, { one: 'One more', other: '# more' })} to choose.`
        : `Seat ${seat} chosen.`,
    newsInstead: (seat: string, before: string) => `Seat ${seat} chosen instead of ${before}.`,
    newPrice: 'New price',
    paid: 'Paid',
    difference: 'Difference',
    toPay: 'To pay from the wallet',
    toPayByCard: 'To pay by card',
    fromWallet: 'Pay the difference from my wallet instead',
    tooSmall: (least: string) => `Cards take ${least} or more, so this difference is paid from your wallet.`,
    toWallet: 'Back to your wallet',
    toCard: 'Back to your card',
    atCounter: 'You paid at the counter. Please ask there for seats of another price.',
    noSuchTicket: 'These seats cannot be had for all of your tickets. Please choose others.',
    missing: (balance: string, missing: string) =>
      `The difference is paid from your wallet. It has ${balance}, so ${missing} more is needed.`,
    same: 'These are your seats already',
    go: 'Move the booking',
    goPaying: (amount: string) => `Move and pay ${amount}`,
    goBack: (amount: string) => `Move and get ${amount} back`,
    done: (names: string) => `You have ${names} now. The old tickets are no longer valid; the new ones come by mail.`,
    slow: 'The move takes a little longer. The new seats appear here as soon as you have them.',
    waits: (seats: string, amount: string, until: string) =>
      `We keep ${seats} for you until ${until}. Pay the difference of ${amount} to move there. Until then nothing changes.`,
    follows: (seats: string) => `The difference is paid. You get ${seats} in a moment.`,
    payNow: (amount: string) => `Pay ${amount}`,
    giveUp: 'Keep my old seats',
    givenUp: 'You keep your seats. The others are free again.',
    tooLate: 'This booking can no longer be moved',
    toSeats: 'Back to the new seats',
    notMade: 'The booking was not changed',
    staysAsWas: (seats: string, time: string) => `It stays as it was: ${seats}, ${time}.`,
    notPaid: 'The difference was not paid, and nothing was charged.',
    cameTooLate: 'Your payment arrived, but the new seats could no longer be had.',
    tryAgain: 'Try the change again',
    notConfirmed: (seats: string, time: string) =>
      `The bank has not confirmed it yet. If you paid, you get the new seats in a moment. If you did not, your booking stays as it was: ${seats}, ${time}.`,
  },
  waiting: {
    title: 'Waiting list',
    tooFew: (free: number) =>
      plural(free, { one: 'Only one seat is free', other: free === 0 ? 'No seat is free' : 'Only # seats are free' }),
    why: (duration: string) =>
      `Seats that come back are held for you for ${duration}, first come, first served. We mail you, and you find them under My tickets.`,
    which: 'Only at these prices',
    join: (seats: number) =>
      plural(seats, { one: 'Tell me when a seat is free', other: 'Tell me when # seats are free' }),
    joined: 'You are on the waiting list. We mail you as soon as there are seats.',
    seatsIn: (seats: string, categories: string) => `${seats} in ${categories}`,
    for: (wish: string) => `You wait for ${wish}.`,
    line: (position: number) =>
      position === 1 ? 'You are first in line.' : `You are number ${String(position)} in line.`,
    leave: 'Leave the list',
    left: 'You are no longer on the waiting list.',
    held: (seats: number) => plural(seats, { one: 'A seat is held for you', other: '# seats are held for you' }),
    payNow: 'Pay now',
    decline: 'No longer wanted',
    toNext: 'The next in line gets them, and you leave the waiting list.',
    signIn: 'Sign in to wait',
    withPlace: 'With a wheelchair place',
    placeWhy: 'One of the seats is a wheelchair place, and if there are more, one is beside it.',
    seatsWithPlace: (seats: string) => `${seats} with a wheelchair place`,
    noPlace: 'No wheelchair place is free. Wait for one',
  },
};

export default booking;
