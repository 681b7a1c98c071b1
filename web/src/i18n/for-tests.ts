/** Unit tests read English. */

import en from './en';
import { setTexts } from './texts';
import door from './work/en/door';
import house from './work/en/house';
import office from './work/en/office';
import programme from './work/en/programme';
import { addWorkTexts } from './work/texts';

setTexts(en);
for (const part of [door, house, programme, office]) addWorkTexts(part);
