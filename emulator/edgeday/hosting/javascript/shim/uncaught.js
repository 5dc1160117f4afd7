// What nothing catches: it disturbs no response, and is told to the host. A rejection is, once the invocation is over: until
// then something may handle it, as `await` does of a promise that was rejected before.

import { errorToWire } from "edgeday:errors";
import { invocationOrNull, isPlatformError, out } from "edgeday:state";

const unhandled = new Map();

const told = (error) => ({ t: "uncaught", inv: invocationOrNull()?.number ?? 0, platform: isPlatformError(error), ...errorToWire(error) });

addEventListener("unhandledrejection", ({ promise, reason }) => {
  const message = told(reason);
  if (message.inv !== 0) unhandled.set(promise, message);
});
addEventListener("rejectionhandled", (event) => unhandled.delete(event.promise));
addEventListener("error", (event) => out.push({ ...told(event.error), thrown: true }));

// Tells the rejections in an invocation that nothing has handled.
export const tellUnhandled = (invocation) => {
  for (const [promise, message] of unhandled) {
    if (message.inv !== invocation.number) continue;
    unhandled.delete(promise);
    out.push(message);
  }
};

const { bind } = Function.prototype;

// A function with its arguments: called by the runtime, it has no frame of edgeday's in its stack.
export const bare = (callback, owner, args) => Reflect.apply(bind, callback, [owner, ...args]);
