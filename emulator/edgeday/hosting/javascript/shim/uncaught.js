// What nothing catches: it disturbs no response, and is told to the host. A rejection that the turn handles after all, as
// `return` in an async function does of a promise that is rejected at once, is none.

import { errorToWire } from "edgeday:errors";
import { invocationOrNull, isPlatformError, out } from "edgeday:state";

const unhandled = new Map();

const told = (error) => ({ t: "uncaught", inv: invocationOrNull()?.number ?? 0, platform: isPlatformError(error), ...errorToWire(error) });

addEventListener("unhandledrejection", (event) => unhandled.set(event.promise, told(event.reason)));
addEventListener("rejectionhandled", (event) => unhandled.delete(event.promise));
addEventListener("error", (event) => out.push({ ...told(event.error), thrown: true }));

// Tells the rejections of this turn that nothing has handled.
export const tellUnhandled = () => {
  out.push(...unhandled.values());
  unhandled.clear();
};

const { bind } = Function.prototype;

// A function with its arguments: called by the runtime, it has no frame of edgeday's in its stack.
export const bare = (callback, owner, args) => Reflect.apply(bind, callback, [owner, ...args]);
