/** Unit tests read English. */

import en from './en';
import { setTexts } from './texts';

setTexts(en);
