import { pseudo } from '../../pseudo';
import door from '../en/door';

export default pseudo(door);
