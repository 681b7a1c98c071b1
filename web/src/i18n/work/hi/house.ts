import type english from '../en/house';
import counter from './house/counter';
import desk from './house/desk';
import frame from './house/frame';

/** Frame of the pages of the house, the counter and the bookings. */
const house: typeof english = { ...counter, ...desk, ...frame };

export default house;
