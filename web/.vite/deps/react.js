import {
  require_react
} from "./chunk-JCAKUOG4.js";
import "./chunk-PX6F3LHL.js";
export default require_react();
