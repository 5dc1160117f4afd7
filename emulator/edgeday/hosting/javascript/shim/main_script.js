import { accept } from "edgeday:worker";
import "./edgeday-scope.js";
import "WORKER";

export default { fetch: accept };
