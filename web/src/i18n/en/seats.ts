import { plurals } from '../plurals';
import words from './words';

const plural = plurals('en-IN');

const seats = {
  hold: {
    name: 'Seats held for you',
    timeLeft: 'Time left to pay',
    paying: 'Paying',
    open: 'payment open',
    lastMinute: 'Less than a minute left to pay.',
    more: (bookings: number) =>
      plural(bookings, { one: 'more booking waiting for payment', other: 'more bookings waiting for payment' }),
    change: 'Change seats',
    yours: (seats: number) =>
      plural(seats, {
        one: 'You hold this seat. Choose another to change it.',
        other: 'You hold these seats. Choose others to change them.',
      }),
    insteadOf: (_seats: number, names: string) => `Instead of ${names}, which you hold.`,
    keep: (seats: number) => plural(seats, { one: 'Keep it', other: 'Keep them' }),
    endsPayment: 'A card payment is open: changing the seats ends it, and what you have just paid comes back.',
    kept: (_seats: number, names: string) => `You still hold ${names}.`,
    lost: (names: string) => `${names} went to another customer as well. Please choose again.`,
  },
  seats: {
    title: (show: string) => `Seats for ${show}`,
    loading: 'Loading the seats',
    back: 'Back to the show',
    screeningCancelled: 'This screening was cancelled.',
    bookingClosed: 'Booking has closed: the screening has started.',
    wasTaken: (seats: number, names: string) =>
      plural(seats, {
        one: `Seat ${names} was taken a moment ago.`,
        other: `Seats ${names} were taken a moment ago.`,
      }),
    atMost: (seats: number) =>
      plural(seats, { one: 'One booking has at most # seat.', other: 'One booking has at most # seats.' }),
    noneLeft: (seats: number) =>
      plural(seats, { one: 'No seat is free any more.', other: 'There are no # free seats left.' }),
    noneLeftIn: (seats: number, category: string) =>
      plural(seats, {
        one: `No seat is free any more in ${category}.`,
        other: `There are no # free seats left in ${category}.`,
      }),
    apart: 'These seats are not all side by side. Fewer would be.',
    /** Seats beside each other, by the first and the last. */
    range: (first: string, last: string) => `${first} to ${last}`,
    stage: 'Stage',
    screen: 'Screen',
    plan: (free: number) => `Seats. Arrow keys move, space chooses. ${words.count.seats(free)} free.`,
    keys: 'Arrows move · Space chooses · Tab goes on',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    wholeRoom: 'Whole room',
    yourChoice: 'Your choice',
    heldFor: (duration: string) => `Seats are held for ${duration} while you pay.`,
    taken: (seats: number, names: string) =>
      plural(seats, { one: `Seat ${names} is taken.`, other: `Seats ${names} are taken.` }),
    takeBest: (seats: number) =>
      plural(seats, { one: 'Take the best free seat instead', other: 'Take the best # free seats instead' }),
    noneChosen: 'No seat chosen',
    pick: 'Pick seats on the map, or let us choose.',
    continue: 'Continue',
    signIn: 'Sign in to continue',
    signInFor: (seats: number, names: string) =>
      plural(seats, {
        one: `Sign in, and seat ${names} is held for you.`,
        other: `Sign in, and seats ${names} are held for you.`,
      }),
    soldOut: 'Sold out',
    comeBack: 'Seats that are held but not paid come back within minutes, and appear here by themselves.',
    otherTimes: 'Other times',
    noOtherTime: 'No other time has seats enough.',
    allTimes: 'All times',
    legend: { free: 'Free', chosen: 'Chosen', held: 'Held', sold: 'Taken', mine: 'Yours' },
    howMany: 'How many seats',
    fewer: 'Fewer seats',
    more: 'More seats',
    unit: (seats: number) => plural(seats, { one: 'seat', other: 'seats' }),
    category: 'Category',
    filter: 'Price',
    upTo: (price: string) => `Up to ${price}`,
    showAll: 'Show all seats',
    anyPrice: 'Any price',
    best: 'Best<rest> available</rest>',
    prices: 'Prices',
    noneFree: 'sold out',
    free: (seats: string) => `${seats} free`,
    wheelchair: (seats: number, names: string) =>
      plural(seats, {
        one: `${names} is a wheelchair place. Please choose it only for someone who needs it.`,
        other: `${names} are wheelchair places. Please choose them only for someone who needs them.`,
      }),
    wheelchairKept: (seats: number, names: string, time: string) =>
      plural(seats, {
        one: `${names} is kept for wheelchair users and those who come with them until ${time}.`,
        other: `${names} are kept for wheelchair users and those who come with them until ${time}.`,
      }),
    wheelchairAsk: 'One of us uses a wheelchair',
    wheelchairPlaceToo: 'Choose the wheelchair place, too.',
    leftAlone: (seats: number, names: string) =>
      plural(seats, {
        one: `${names} would be left as a single seat. Could you move by one?`,
        other: `${names} would be left as single seats. Could you move by one?`,
      }),
    aloneRefused: (seats: number, names: string) =>
      plural(seats, {
        one: `${names} would be left as a single seat. Please move by one, so that nobody has to sit alone.`,
        other: `${names} would be left as single seats. Please move by one, so that nobody has to sit alone.`,
      }),
    typeOf: (seat: string) => `Ticket for ${seat}`,
    typeMax: (type: string, max: number) => `${type}: at most ${String(max)} in one booking.`,
    typeNeeds: (type: string, other: string) => `${type}: only together with ${other}.`,
    typeAccessible: (type: string) => `${type}: one for each wheelchair place that you choose.`,
    chosenSeats: 'Chosen seats',
    remove: (seat: string) => `Remove seat ${seat}`,
    newsChosen: (names: string) => `${names} chosen.`,
    newsNotTogether: 'There are not that many side by side.',
    newsKept: (names: string) => `${names} kept.`,
    newsRemoved: (seat: string) => `Seat ${seat} is no longer chosen.`,
    newsMine: (seat: string) => `Seat ${seat} is yours already.`,
    newsTaken: (seat: string) => `Seat ${seat} is taken.`,
    newsAdded: (seat: string, seats: number, total: string) =>
      `Seat ${seat} chosen, ${words.count.seats(seats)}, ${total}.`,
    states: {
      free: 'free',
      held: 'held by another customer',
      sold: 'taken',
      blocked: 'not for sale',
      mine: 'yours',
      chosen: 'chosen',
    },
    name: (row: string, number: string) => `Row ${row} seat ${number}`,
    accessible: 'wheelchair accessible',
    companion: 'for the companion of a wheelchair user',
    addCompanion: (seat: string) => `Add ${seat} for a companion.`,
    keptForCompanions: (seats: number, names: string) =>
      plural(seats, {
        one: `${names} is for the companion of a wheelchair user. Please choose it only if a companion needs it.`,
        other: `${names} are for the companions of wheelchair users. Please choose them only if companions need them.`,
      }),
    levels: 'Levels',
    standing: 'Standing areas',
    area: (label: string) => `Standing ${label}`,
    areaFree: (free: string, places: string) => `${free} of ${places} free`,
    areaChosen: (places: number) => plural(places, { one: '# place chosen', other: '# places chosen' }),
    areaKeys: 'space adds a place, backspace removes one',
    howManyIn: (label: string) => `Places in standing ${label}`,
    row: (row: string) => `Row ${row}`,
  },
  bill: {
    tickets: (tickets: number, type: string, price: string) => `${String(tickets)} × ${type}, ${price}`,
    discount: 'Discount',
    discountBy: (name: string) => `Discount: ${name}`,
    discountWithCode: (code: string) => `Discount with ${code}`,
    automatic: 'Discount, applied automatically',
    fee: 'Booking fee',
    feeIncluded: (fee: string) => `with a booking fee of ${fee}`,
    tax: (name: string, rate: string) => `${name} ${rate}, included`,
  },
};

export default seats;
