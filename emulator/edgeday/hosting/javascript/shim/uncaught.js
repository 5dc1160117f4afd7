// What nothing catches: it disturbs no response, and is told to the host.

import { errorToWire } from "edgeday:errors";
import { invocationOrNull, isPlatformError, out } from "edgeday:state";

const report = (error) =>
  out.push({ t: "uncaught", inv: invocationOrNull()?.number ?? 0, platform: isPlatformError(error), ...errorToWire(error) });

addEventListener("unhandledrejection", (event) => report(event.reason));
addEventListener("error", (event) => report(event.error));

const { bind } = Function.prototype;

// A function with its arguments: called by the runtime, it has no frame of edgeday's in its stack.
export const bare = (callback, owner, args) => Reflect.apply(bind, callback, [owner, ...args]);
