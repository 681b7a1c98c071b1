import { pseudo } from '../../pseudo';
import house from '../en/house';

export default pseudo(house);
