// The end of an invocation: once its response and its waitUntil work are done, with the turn in which they are. So all that
// the turn has started is asked for still, as in production; what is under way then is told to the host.

import { errorToWire, stackOf } from "edgeday:errors";
import { replaceMethod } from "edgeday:stand_ins";
import { forget, invocationOrNull, invocations, isPlatformError, operationsOf, out } from "edgeday:state";
import { forgetTimer, timersOf } from "edgeday:timers";
import { tellUnhandled } from "edgeday:uncaught";

const done = new Set();
const { toString } = Function.prototype;

// Waits for the waitUntil work of an invocation whose handler is over.
export const settleWaits = async (invocation) => {
  const { number: inv, waits } = invocation;
  while (waits.length) {
    for (const { reason, status } of await Promise.allSettled(waits.splice(0))) {
      if (status === "fulfilled") continue;
      out.push({ t: "uncaught", inv, waited: true, platform: isPlatformError(reason), ...errorToWire(reason) });
    }
  }
  done.add(invocation);
};

// Ends those that were done in this turn.
export const endAll = () => {
  for (const invocation of done) {
    done.delete(invocation);
    if (invocation.waits.length) settleWaits(invocation);
    else {
      const left = leftBy(invocation);
      out.push({ t: "end", inv: invocation.number, raced: invocation.raced, left });
    }
  }
};

// What is under way in an invocation, which is over from now on.
const leftBy = (invocation) => {
  tellUnhandled(invocation);
  invocation.over = true;
  invocations.delete(invocation.number);
  const operations = operationsOf(invocation);
  const timers = timersOf(invocation);
  for (const [id] of operations) forget(id);
  for (const [id] of timers) forgetTimer(id);
  return [
    ...operations.map(([, { kind, args, at }]) => ({ k: kind, method: kind === "fetch" ? args[0].method : "", stack: stackOf(at) })),
    ...timers.map(([, { callback, at }]) => ({ k: "timer", code: Reflect.apply(toString, callback, []), stack: stackOf(at) })),
  ];
};

// Ends an invocation whose time is up, or that nothing will ever go on with.
export const drop = (message) => {
  const invocation = invocations.get(message.inv);
  if (invocation === undefined) return;
  leftBy(invocation);
  out.push({ t: "end", inv: message.inv, raced: false, left: [] });
};

// Tells where the code of an invocation waits, as far as it waits for the host.
export const waits = (message) => {
  const invocation = invocations.get(message.inv);
  if (invocation === undefined) return;
  const all = [...operationsOf(invocation), ...timersOf(invocation)];
  out.push({ t: "waits", inv: message.inv, stacks: all.map(([, { at }]) => stackOf(at)) });
};

// Of a race, all but one are given up on purpose.
for (const name of ["race", "any"]) {
  const native = replaceMethod(Promise, name, {
    [name](...args) {
      const invocation = invocationOrNull();
      if (invocation !== null) invocation.raced = true;
      return Reflect.apply(native, this, args);
    },
  }[name]);
}
