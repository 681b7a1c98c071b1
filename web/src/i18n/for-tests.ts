/** Unit tests read English. */

import en from './en';
import { setTexts } from './texts';
import house from './work/en';
import door from './work/en/door';
import { addWorkTexts } from './work/texts';

setTexts(en);
addWorkTexts({ ...door, ...house });
