// Timers: the host waits, in the account's time.

import { currentInvocation, nextId, out, replace, turn } from "edgeday:state";

export const afterMicrotasks = globalThis.setTimeout;
const timers = new Map();

const start = (callback, delay, args, repeats) => {
  const invocation = currentInvocation();
  const id = nextId();
  const ms = Math.max(Number(delay) || 0, repeats ? 1 : 0);
  timers.set(id, { callback, args, invocation, repeats, ms });
  out.push({ t: "timer", inv: invocation.number, id, ms });
  return id;
};

const clear = (id) => {
  const timer = timers.get(id);
  if (timer === undefined) return;
  timers.delete(id);
  out.push({ t: "cancel", inv: timer.invocation.number, id });
};

// Runs a timer whose time has come.
export const ring = (message) => {
  const timer = timers.get(message.id);
  if (timer === undefined) return;
  const { invocation, callback, args, repeats, ms } = timer;
  turn.invocation = invocation;
  if (!repeats) timers.delete(message.id);
  if (invocation.over) return;
  if (repeats) out.push({ t: "timer", inv: invocation.number, id: message.id, ms });
  callback(...args);
};

export const forgetTimers = (invocation) => {
  for (const [id, timer] of timers) if (timer.invocation === invocation) timers.delete(id);
};

replace(globalThis, "setTimeout", (callback, delay = 0, ...args) => start(callback, delay, args, false));
replace(globalThis, "setInterval", (callback, delay = 0, ...args) => start(callback, delay, args, true));
replace(globalThis, "clearTimeout", clear);
replace(globalThis, "clearInterval", clear);
replace(globalThis, "scheduler", { wait: (ms) => new Promise((resolve) => globalThis.setTimeout(resolve, ms)) });
AbortSignal.timeout = (ms) => {
  const controller = new AbortController();
  const reason = () => new DOMException("The operation was aborted due to timeout", "TimeoutError");
  globalThis.setTimeout(() => controller.abort(reason()), ms);
  return controller.signal;
};
