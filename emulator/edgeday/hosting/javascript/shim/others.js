// Invocations that run beside the one whose turn it is. A promise of theirs that the turn settles wakes them in their own I/O
// contexts, a little later; the turn is over when that is done too.

import { invocations, out } from "edgeday:state";
import { afterMicrotasks } from "edgeday:timers";

// Puts a promise of the invocation's own in place: what waits for it runs in its context, after all that was to run there.
export const letOthersWait = (invocation) => {
  const { promise, resolve } = Promise.withResolvers();
  invocation.whenRun = resolve;
  promise.then((then) => {
    letOthersWait(invocation);
    then();
  });
};

// Calls back in the same context, once all others have run what they were woken for. What they ask for then may have woken more.
export const afterOthers = (number, then) => {
  let left = invocations.size - invocations.has(number);
  if (left === 0) {
    then();
    return;
  }
  const asked = out.length;
  const { promise, resolve } = Promise.withResolvers();
  promise.then(() => afterMicrotasks(() => (out.length === asked ? then() : afterOthers(number, then)), 0));
  const one = () => {
    if (--left === 0) resolve();
  };
  for (const invocation of invocations.values()) if (invocation.number !== number) invocation.whenRun(one);
};
