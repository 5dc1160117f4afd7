// The worker's `ctx`, and `waitUntil` of cloudflare:workers: the runtime's own, but the host waits, in the account's time.

import entrypoints from "cloudflare-internal:workers";
import { currentInvocation, out } from "edgeday:state";
import { replaceMethod } from "edgeday:stand_ins";

const owners = new WeakMap();
let isReplaced = false;

// Has an invocation wait for a promise. That it is rejected is told with the others, not as if nobody handled it.
const wait = (invocation, promise) => {
  const work = Promise.resolve(promise);
  work.catch(() => {});
  invocation.waits.push(work);
};

// Says whose context it is.
export const belongs = (ctx, invocation) => {
  if (!isReplaced) replaceMethods(Object.getPrototypeOf(ctx));
  owners.set(ctx, invocation);
};

const replaceMethods = (prototype) => {
  isReplaced = true;
  const waitUntil = replaceMethod(prototype, "waitUntil", {
    waitUntil(...args) {
      const invocation = owners.get(this);
      if (invocation === undefined || args.length === 0) return Reflect.apply(waitUntil, this, args);
      wait(invocation, args[0]);
    },
  }.waitUntil);
  const passThrough = replaceMethod(prototype, "passThroughOnException", {
    passThroughOnException() {
      const invocation = owners.get(this);
      if (invocation === undefined) return Reflect.apply(passThrough, this, []);
      out.push({ t: "pass-through", inv: invocation.number });
    },
  }.passThroughOnException);
};

const native = entrypoints.waitUntil;
entrypoints.waitUntil = (...args) => {
  const invocation = currentInvocation();
  if (args.length === 0) return native.call(entrypoints);
  wait(invocation, args[0]);
};
