import type { HouseTexts } from './texts';
import audit from './hi/audit';
import counter from './hi/counter';
import dashboard from './hi/dashboard';
import desk from './hi/desk';
import house from './hi/house';
import money from './hi/money';
import people from './hi/people';
import programme from './hi/programme';
import promotions from './hi/promotions';
import rooms from './hi/rooms';
import schedule from './hi/schedule';
import system from './hi/system';

/** The texts of the administration in Hindi, by its pages. */
const texts: HouseTexts = {
  ...house,
  ...dashboard,
  ...counter,
  ...desk,
  ...people,
  ...audit,
  ...money,
  ...promotions,
  ...schedule,
  ...programme,
  ...rooms,
  ...system,
};

export default texts;
