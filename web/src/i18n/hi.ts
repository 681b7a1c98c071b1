import account from './hi/account';
import booking from './hi/booking';
import catalogue from './hi/catalogue';
import checkout from './hi/checkout';
import frame from './hi/frame';
import problems from './hi/problems';
import seats from './hi/seats';
import words from './hi/words';
import type { Texts } from './texts';

/** Hindi, as it is spoken at a box office: everyday words of the trade stay what people call them. */
const hi: Texts = { ...words, ...frame, ...catalogue, ...seats, ...checkout, ...booking, ...account, ...problems };

export default hi;
