import * as workers from "cloudflare:workers";
import { prepare } from "edgeday:worker";
import parts from "./edgeday-parts.js";

prepare(workers.env, parts);
