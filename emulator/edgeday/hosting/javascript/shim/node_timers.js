// Node's timers, which are objects. Source: workerd 1.20261117.1, src/node/internal/internal_timers.ts (their members).

import { replaceMethod } from "edgeday:stand_ins";
import { clear, start } from "edgeday:timers";

const running = new WeakMap();
let prototype = null;

const idOf = (timer) => running.get(timer)?.id;

const restart = (timer) => {
  const { callback, delay, args, repeats } = running.get(timer);
  running.get(timer).id = start(callback, delay, args, repeats);
};

const members = {
  refresh() {
    clear(idOf(this));
    restart(this);
    return this;
  },
  unref() {
    running.get(this).isRefed = false;
    return this;
  },
  ref() {
    running.get(this).isRefed = true;
    return this;
  },
  hasRef() {
    return running.get(this).isRefed;
  },
  close() {
    clear(idOf(this));
    return this;
  },
  [Symbol.dispose]() {
    clear(idOf(this));
  },
  [Symbol.toPrimitive]() {
    return idOf(this);
  },
};

// The class of Node's timers shows only in one of them; in the global scope there is none.
const prototypeOf = (native) => {
  if (prototype !== null) return prototype;
  const one = native(() => {}, 1);
  const own = Object.getPrototypeOf(one);
  one.close();
  prototype = Object.create(own, Object.getOwnPropertyDescriptors(members));
  for (const key of Reflect.ownKeys(members)) Object.defineProperty(prototype, key, { enumerable: false });
  Object.defineProperty(prototype, "constructor", Object.getOwnPropertyDescriptor(own, "constructor"));
  return prototype;
};

const make = (native, callback, delay, args, repeats) => {
  if (typeof callback !== "function") return native(callback); // throws, in Node's words
  const timer = Object.create(prototypeOf(native));
  running.set(timer, { callback, delay: delay === undefined ? 1 : delay * 1, args, repeats, isRefed: true, id: 0 });
  restart(timer);
  return timer;
};

const clearOne = (timer) => {
  if (timer === undefined || timer === null) return;
  clear(running.has(timer) ? idOf(timer) : +timer);
};

export const nodeTimers = {};

export const replaceNodeTimers = () => {
  const { setTimeout, setInterval } = globalThis;
  Object.assign(nodeTimers, {
    setTimeout(callback, delay, ...args) {
      return make(setTimeout, callback, delay, args, false);
    },
    setInterval(callback, delay, ...args) {
      return make(setInterval, callback, delay, args, true);
    },
    clearTimeout(timer) {
      clearOne(timer);
    },
    clearInterval(timer) {
      clearOne(timer);
    },
  });
  for (const [name, replacement] of Object.entries(nodeTimers)) replaceMethod(globalThis, name, replacement);
};
