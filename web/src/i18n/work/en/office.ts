import audit from './office/audit';
import dashboard from './office/dashboard';
import events from './office/events';
import money from './office/money';
import people from './office/people';
import promotions from './office/promotions';
import system from './office/system';

/** Today, money, promotions, people, the system and what happened. */
const office = { ...audit, ...dashboard, ...events, ...money, ...people, ...promotions, ...system };

export default office;
