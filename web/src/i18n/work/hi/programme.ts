import type english from '../en/programme';
import rooms from './programme/rooms';
import schedule from './programme/schedule';
import shows from './programme/shows';

/** Schedule, shows, venues and rooms. */
const programme: typeof english = { ...rooms, ...schedule, ...shows };

export default programme;
