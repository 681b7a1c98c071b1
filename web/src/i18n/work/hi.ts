import type { HouseTexts } from './texts';
import audit from './hi/audit';
import counter from './hi/counter';
import dashboard from './hi/dashboard';
import desk from './hi/desk';
import house from './hi/house';
import money from './hi/money';
import people from './hi/people';
import promotions from './hi/promotions';
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
  ...system,
};

export default texts;
