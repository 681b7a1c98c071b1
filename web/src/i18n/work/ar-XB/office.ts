import { pseudo } from '../../pseudo';
import office from '../en/office';

export default pseudo(office);
