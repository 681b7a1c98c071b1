import rooms from './programme/rooms';
import schedule from './programme/schedule';
import shows from './programme/shows';

/** Schedule, shows, venues and rooms. */
const programme = { ...rooms, ...schedule, ...shows };

export default programme;
