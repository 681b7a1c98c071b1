import type english from '../en/office';
import audit from './office/audit';
import dashboard from './office/dashboard';
import money from './office/money';
import people from './office/people';
import promotions from './office/promotions';
import system from './office/system';

/** Today, money, promotions, people and the system. */
const office: typeof english = { ...audit, ...dashboard, ...money, ...people, ...promotions, ...system };

export default office;
