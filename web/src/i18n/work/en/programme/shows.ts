import { plurals } from '../../../plurals';

const plural = plurals('en-IN');

/** Shows and venues. */
const shows = {
  shows: {
    title: 'Shows',
    new: 'New show',
    find: 'Find',
    noMatch: 'No show sounds like that',
    none: 'No show yet',
    columns: {
      title: 'Title',
      language: 'Language',
      genres: 'Genres',
      length: 'Length',
      next: 'Next',
      status: 'Status',
    },
  },
  show: {
    public: 'As customers see it',
    duplicate: 'Duplicate',
    schedule: 'Schedule',
    cancel: 'Cancel show',
    details: 'Details',
    poster: 'Poster',
    saved: 'Saved.',
    posterUp: 'The poster is up.',
    screenings: 'Screenings',
    toCome: 'Screenings to come',
    none: 'None scheduled',
    columns: { when: 'When', where: 'Where', taken: 'Taken', status: 'Status' },
    cancelOne: 'Cancel',
  },
  showForm: {
    noPoster: (why: string) => `The show was added, its poster was not. ${why}`,
    untitled: 'Untitled',
    title: 'Title',
    copyOf: (show: string) => `Copy of ${show}`,
    isCopy: 'This is a copy. Give it a title of its own, by which customers tell the two apart.',
    description: 'Description',
    minutes: 'Minutes',
    keeps: (duration: string) => `Screenings that are scheduled keep their ${duration}.`,
    language: 'Language',
    certificate: 'Certificate',
    genres: 'Genres',
    genresHint: 'Several with commas: Drama, Family. Plays have the genre Play.',
    people: 'Cast and direction',
    peopleHint: 'Several with commas. Customers find the show by them.',
    save: 'Save',
    add: 'Add the show',
  },
  /** Screenings and drafts that would run into what follows if the show were longer. */
  overlaps: {
    title: (screenings: number) =>
      `${plural(screenings, { one: '# screening or draft', other: '# screenings or drafts' })} would run into what follows. Screenings keep the times that customers have; drafts take the new length when they are published. Move them, or what follows, on the schedule.`,
    unread: 'What a longer show would run into could not be checked.',
    until: (end: string, next: string, then: string) => `until ${end}, then ${next} at ${then}`,
    cleaning: (minutes: number) => `, after ${String(minutes)} min cleaning`,
    cleaningUnread: 'What a longer cleaning would leave too little time for could not be checked.',
    cleaningTitle: (screenings: number) =>
      `${plural(screenings, { one: '# screening or draft leaves', other: '# screenings or drafts leave' })} too little time for this before the next one. They keep their times; move them on the schedule if the cleaning matters.`,
    more: (screenings: number) => `and ${String(screenings)} more`,
  },
  poster: {
    drop: 'Drop it here',
    another: 'Another poster',
    upload: 'Upload a poster',
    file: 'Poster file',
    hint: 'JPEG, PNG or WebP, up to 5 MB, two wide and three high. It can be dropped here, too.',
    sent: (percent: number) => `${String(percent)} % sent`,
    looking: 'Looking at it',
    progress: 'Upload',
    absent: 'This installation keeps no pictures. The drawn poster stands in.',
    again: 'Send it again',
    noPicture: 'This is no JPEG, PNG or WebP picture.',
    tooLarge: (megabytes: string) => `This picture has ${megabytes} MB. Up to 5 MB are taken.`,
    tooManyPixels: (megapixels: number) =>
      plural(megapixels, {
        one: 'This picture has # megapixel. Up to 40 are taken.',
        other: 'This picture has # megapixels. Up to 40 are taken.',
      }),
    cutOff: 'A poster is two wide and three high: of this one the edges are cut off.',
    blurred: 'This picture is small, and may look blurred.',
    unreadable: 'This file cannot be read as a picture.',
  },
  unsaved: {
    title: 'Leave without saving?',
    leave: 'Leave',
    stay: 'Stay here',
    why: 'What you changed on this page is lost then.',
  },
  venues: {
    title: 'Venues',
    new: 'New venue',
    none: 'No venue yet',
    columns: { name: 'Name', city: 'City', address: 'Address', open: 'Open', status: 'Status' },
  },
  venue: {
    close: 'Close venue',
    openAgain: 'Open again',
    isOpen: 'Open again. You can schedule screenings again.',
    screens: 'Screens',
    addScreen: 'Add a screen',
    noScreen: 'No screen yet',
    noScreenWhy: 'A screen is a room with its seats. Screenings are scheduled on it.',
    inRows: (seats: string, rows: string) => `${seats} in ${rows}`,
    cleaning: (minutes: number) => `, ${String(minutes)} min cleaning`,
    name: 'Name',
    address: 'Address',
    city: 'City',
    timezone: 'Time zone',
    opens: 'Opens',
    closes: 'Closes',
    nextDay: 'On the next day.',
    save: 'Save',
    open: 'Open the venue',
  },
  /** A screen that is taken out of use. */
  retiring: {
    retire: 'Retire',
    retired: (screen: string) => `${screen} is retired.`,
    sure: (screen: string) => `Retire ${screen}?`,
    why: 'Nothing can be scheduled there any more, until it is brought back. What was on there stays on record.',
    back: 'Bring back into use',
    isBack: (screen: string) => `${screen} is in use again.`,
  },
  /** The widget for a house's own site. */
  website: {
    title: 'Put this on your website',
    what: (language: string, limit: string) =>
      `This line shows the next screenings of this venue where you put it, each with a button to its seats. Add <code>${language}</code> for Hindi, or <code>${limit}</code> for more of them.`,
    line: 'HTML for your website',
    copy: 'Copy',
    copied: 'Copied.',
    notCopied: 'Your browser did not copy it. Select the line and copy it by hand.',
  },
};

export default shows;
