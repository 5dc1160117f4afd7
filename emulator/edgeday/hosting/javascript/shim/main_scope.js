import { env } from "cloudflare:workers";
import { prepare } from "edgeday:worker";

prepare(env);
