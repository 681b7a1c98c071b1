import { pseudo } from '../../pseudo';
import programme from '../en/programme';

export default pseudo(programme);
