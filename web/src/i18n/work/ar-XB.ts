import { pseudo } from '../pseudo';
import texts from './en';

export default pseudo(texts);
