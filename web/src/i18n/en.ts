import account from './en/account';
import booking from './en/booking';
import catalogue from './en/catalogue';
import checkout from './en/checkout';
import frame from './en/frame';
import problems from './en/problems';
import seats from './en/seats';
import words from './en/words';

/** English, by the area of the app. A function where a number or a name is part of the text. */
const en = { ...words, ...frame, ...catalogue, ...seats, ...checkout, ...booking, ...account, ...problems };

export default en;
