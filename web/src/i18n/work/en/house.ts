import counter from './house/counter';
import desk from './house/desk';
import frame from './house/frame';

/** Frame of the pages of the house, the counter and the bookings. */
const house = { ...counter, ...desk, ...frame };

export default house;
