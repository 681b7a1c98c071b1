import counter from './en/counter';
import desk from './en/desk';
import house from './en/house';

/** The texts of the administration in English, by its pages. */
const texts = { ...house, ...counter, ...desk };

export default texts;
