import type { HouseTexts } from './texts';
import counter from './hi/counter';
import desk from './hi/desk';
import house from './hi/house';

/** The texts of the administration in Hindi, by its pages. */
const texts: HouseTexts = { ...house, ...counter, ...desk };

export default texts;
