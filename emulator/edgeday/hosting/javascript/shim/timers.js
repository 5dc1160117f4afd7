// Timers: the host waits, in the account's time.

import asyncHooks from "node-internal:async_hooks";
import { currentInvocation, out, reasonOf } from "edgeday:state";
import { here } from "edgeday:errors";
import { replaceNodeTimers } from "edgeday:node_timers";
import { checkThis, ownerOf, replaceMethod } from "edgeday:stand_ins";
import { bare } from "edgeday:uncaught";

// Of late compatibility dates under nodejs_compat, the global object has Node's functions over the runtime's own.
const isNode = Object.hasOwn(globalThis, "setTimeout");
const nativeOwner = ownerOf("setTimeout", isNode ? Object.getPrototypeOf(globalThis) : globalThis);
export const afterMicrotasks = nativeOwner.setTimeout.bind(globalThis);
const { AsyncLocalStorage } = asyncHooks; // a callback has the values that are stored where its timer is set
const timers = new Map();
const LONGEST_MS = 3_153_600_000_000; // a century
let ids = 0;

const milliseconds = (delay) => {
  const ms = +delay;
  return ms > 0 ? Math.min(Math.trunc(ms), LONGEST_MS) : 0;
};

export const start = (callback, delay, args, repeats) => {
  const invocation = currentInvocation();
  const id = ++ids;
  const ms = Math.max(milliseconds(delay), repeats ? 1 : 0);
  timers.set(id, { callback, run: AsyncLocalStorage.bind(bare(callback, globalThis, args)), invocation, repeats, ms, at: here(start) });
  out.push({ t: "timer", inv: invocation.number, id: -id, ms });
  return id;
};

export const clear = (id) => {
  const timer = timers.get(id);
  if (timer === undefined) return;
  timers.delete(id);
  out.push({ t: "cancel", inv: timer.invocation.number, id: -id });
};

// Runs a timer whose time has come. The host knows it by the negative of its id.
export const ring = (message) => {
  const id = -message.id;
  const timer = timers.get(id);
  if (timer === undefined) return;
  const { invocation, run, repeats, ms } = timer;
  if (!repeats) timers.delete(id);
  if (invocation.over) return;
  if (repeats) out.push({ t: "timer", inv: invocation.number, id: message.id, ms });
  queueMicrotask(run);
};

// The timers of an invocation that have not rung, or do so again.
export const timersOf = (invocation) => [...timers].filter(([, timer]) => timer.invocation === invocation);

export const forgetTimer = (id) => timers.delete(id);

const check = (value, count, kind, of = "ServiceWorkerGlobalScope") => {
  if (typeof value !== kind.toLowerCase()) {
    throw new TypeError(`Failed to execute '${count}' on '${of}': parameter 1 is not of type '${kind}'.`);
  }
};

const functions = {
  setTimeout(callback, delay, ...args) {
    checkThis(this, globalThis);
    check(callback, "setTimeout", "function");
    return start(callback, delay, args, false);
  },
  setInterval(callback, delay, ...args) {
    checkThis(this, globalThis);
    check(callback, "setInterval", "function");
    return start(callback, delay, args, true);
  },
  clearTimeout(...args) {
    checkThis(this, globalThis);
    currentInvocation();
    if (args.length === 0) check(null, "clearTimeout", "Number");
    clear(+args[0]);
  },
  clearInterval(...args) {
    checkThis(this, globalThis);
    currentInvocation();
    if (args.length === 0) check(null, "clearInterval", "Number");
    clear(+args[0]);
  },
};
for (const [name, replacement] of Object.entries(functions)) replaceMethod(nativeOwner, name, replacement);
if (isNode) replaceNodeTimers();

const { scheduler } = globalThis;
replaceMethod(Object.getPrototypeOf(scheduler), "wait", {
  async wait(...args) {
    checkThis(this, scheduler);
    const [delay, options] = args;
    if (args.length === 0) check(null, "wait", "number", "Scheduler");
    const signal = options?.signal ?? undefined;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError(
        "Incorrect type for the 'signal' field on 'WaitOptions': the provided value is not of type 'AbortSignal'.",
      );
    }
    if (signal?.aborted) throw reasonOf(signal);
    await new Promise((resolve, reject) => {
      const id = start(resolve, delay, [], false);
      signal?.addEventListener("abort", () => {
        clear(id);
        reject(reasonOf(signal));
      }, { once: true });
    });
  },
}.wait);

replaceMethod(AbortSignal, "timeout", {
  timeout(delay) {
    const controller = new AbortController();
    const stop = () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    start(stop, delay, [], false);
    return controller.signal;
  },
}.timeout);
