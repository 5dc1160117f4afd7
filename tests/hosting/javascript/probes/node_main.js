// The probes of a worker under nodejs_compat.

import node from "./node.js";
import { answers } from "./run.js";

export default answers({ node });
