import { accept, use } from "edgeday:worker";
import * as worker from "WORKER";

use(worker);

export default { fetch: accept };
