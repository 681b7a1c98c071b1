import audit from './en/audit';
import counter from './en/counter';
import dashboard from './en/dashboard';
import desk from './en/desk';
import house from './en/house';
import money from './en/money';
import people from './en/people';
import programme from './en/programme';
import promotions from './en/promotions';
import rooms from './en/rooms';
import schedule from './en/schedule';
import system from './en/system';

/** The texts of the administration in English, by its pages. */
const texts = {
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
