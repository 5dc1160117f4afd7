import { nodeTimers } from "edgeday:worker";
import * as promises from "node:timers/promises";

export const { setTimeout, setInterval, clearTimeout, clearInterval } = nodeTimers;
export const { setImmediate, clearImmediate } = globalThis;
export { promises };
export default { setTimeout, setInterval, clearTimeout, clearInterval, setImmediate, clearImmediate, promises };
