import { plurals } from '../../plurals';

const plural = plurals('en-IN');

const door = {
  door: {
    page: 'At the door',
    other: 'Other door',
    inOf: (all: number) => `in of ${String(all)}`,
    list: (age: string) => `List of ${age}.`,
    listNow: 'now',
    offline: (age: string) => `No network. Tickets are checked on this device, list of ${age}.`,
    listBefore: 'before',
    unreported: (checkIns: number) =>
      `${plural(checkIns, { one: '# check-in', other: '# check-ins' })} not reported yet.`,
    soundOn: 'Sound on',
    soundOff: 'Sound off',
    conflicts: 'Conflicts',
    seen: 'I have seen this',
    seenSeat: (seat: string) => `I have seen this: ${seat}`,
    undone: (seat: string) => `The check-in of seat ${seat} is undone. The ticket can be used again.`,
    undoLater: 'This check-in can be undone once the network is back.',
    scan: 'Scan with the camera',
    stop: 'Stop the camera',
    field: 'Or type the code, the booking number, a name or a seat',
    fieldHint: 'A scanner types into this field by itself.',
    check: 'Check',
    guests: 'Guests',
    whichGuests: 'Which guests',
    all: 'All',
    out: 'Not in yet',
    nobody: 'Nobody has booked yet',
    noMatch: 'No guest matches',
    everybody: 'Everybody is in',
    more: (parties: number) =>
      `${plural(parties, { one: '# more party', other: '# more parties' })}. Type a name, a number or a seat to find one.`,
    onDevice: 'Checked on this device.',
    light: 'Light',
    noCamera: 'The camera cannot be used here. Allow it in the browser, or type the code.',
    close: 'Close',
    /** Name of a device that nobody has named. */
    device: 'Door',
  },
  doors: {
    which: 'Which door?',
    why: 'Tickets of other screenings are refused here, and it says where they belong.',
    nothing: 'Nothing is on within a day',
    soon: 'Screenings appear here a day before they begin.',
    venue: 'Venue',
    all: 'All venues',
    taken: (taken: number, seats: number) => `${String(taken)} of ${String(seats)} taken`,
    name: 'Name of this device',
    nameHint: 'Other staff see it when two doors admit the same ticket.',
  },
  party: {
    counter: 'Sold at the counter',
    guests: (guests: number) => plural(guests, { one: '# guest', other: '# guests' }),
    allIn: ', all in',
    someIn: (inside: number) => `, ${String(inside)} in`,
    inSince: (time: string) => `In, ${time}`,
    unreported: ', not reported yet',
    undo: 'Undo',
    undoOf: (seat: string) => `Undo the check-in of seat ${seat}`,
    admit: 'Admit',
    admitOf: (seat: string) => `Admit seat ${seat}`,
    admitOthers: (guests: number) => `Admit the other ${String(guests)}`,
    admitAll: (guests: number) => `Admit all ${String(guests)}`,
  },
  atDoor: {
    noTicket: 'This is not a ticket or a booking of ours.',
    forged: 'This code is damaged or forged. Ask for the booking number.',
    otherScreening: 'This ticket is for another screening.',
    itIsFor: (day: string, time: string, venue: string, screen: string) =>
      `It is for ${day}, ${time}, ${venue}, ${screen}.`,
    notListed: 'This booking is not on the list of this device. Try again once the network is back.',
    tooEarly: (time: string) => `It is too early: the doors open at ${time}.`,
    tooLate: 'The screening is over.',
    void: (seat: string) => `Seat ${seat}: the booking was cancelled.`,
    used: (seat: string, time: string) => `Seat ${seat} came in already, at ${time}.`,
    cameIn: (time: string) => `It came in ${time}.`,
    unexpected: 'Something unexpected happened. Try again.',
    notOffered: 'This installation does not check tickets yet.',
    cut: 'This is not a whole code. Try again.',
    copied: (seat: string, time: string, earlier: string, by: string) =>
      `Seat ${seat} came in here at ${time}, but the same ticket was used at ${earlier}${by && ` (${by})`} too. One of the two guests has a copy.`,
    copiedElsewhere: (seat: string, time: string) =>
      `Seat ${seat} came in here at ${time}, but the same ticket was used at another door too. One of the two guests has a copy.`,
    wasVoid: (seat: string, time: string) =>
      `Seat ${seat} came in here at ${time}, but its booking had been cancelled.`,
    wasOther: (seat: string, time: string) =>
      `Seat ${seat} came in here at ${time}, but its ticket is for another screening.`,
    wasUnknown: (seat: string, time: string) => `Seat ${seat} came in here at ${time}, but there is no such ticket.`,
    wrongClock: (seat: string, time: string) =>
      `Seat ${seat} came in here at ${time} by the clock of this device, which is wrong. Set it, and check the ticket in again.`,
  },
};

export default door;
