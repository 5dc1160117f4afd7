import { AsyncLocalStorage } from "node:async_hooks";
import crypto from "node:crypto";
import timers, { setImmediate as immediate, setTimeout as timeout } from "node:timers";
import * as promises from "node:timers/promises";

const elapsed = async (work) => {
  const start = Date.now();
  await work;
  return Math.round((Date.now() - start) / 40);
};

export default {
  "a timer": () => { const timer = setTimeout(() => {}, 5); clearTimeout(timer); return [typeof timer, timer.constructor.name, typeof +timer, Object.keys(timer), Object.getOwnPropertyNames(Object.getPrototypeOf(timer)).sort()]; },
  "members of a timer": () => { const timer = setTimeout(() => {}, 5); return typeof timer === "number" ? "none" : [timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref().hasRef(), timer.close() === timer]; },
  "names": () => [setTimeout, setInterval, clearTimeout, clearInterval, setImmediate].map((f) => [f.name, f.length, String(f)]),
  "of a text": () => setTimeout("x", 1),
  "of nothing": () => setInterval(),
  "clearing": async () => { let n = 0; const [a, b, c] = [1, 2, 3].map(() => setTimeout(() => n++, 5)); const d = setInterval(() => n++, 5); clearTimeout(a); clearTimeout(+b); if (typeof c === "object") c.close(); else clearTimeout(c); clearInterval(d); clearTimeout(undefined); clearTimeout(null); clearTimeout("x"); await scheduler.wait(20); return n; },
  "refresh": async () => { let n = 0; const timer = setTimeout(() => n++, 60); if (typeof timer === "number") return "none"; await scheduler.wait(40); timer.refresh(); await scheduler.wait(40); const before = n; await scheduler.wait(60); return [before, n]; },
  "arguments": () => new Promise((resolve) => setTimeout((...args) => resolve(args), 1, 1, 2)),
  "an interval": () => new Promise((resolve) => { let n = 0; const timer = setInterval(() => { if (++n === 3) { clearInterval(timer); resolve(n); } }, 3); }),
  "node:timers": async () => [typeof timers.setTimeout, await elapsed(new Promise((resolve) => timeout(resolve, 40)))],
  "node:timers/promises": async () => [await promises.setTimeout(1, "value"), await promises.setImmediate("at once"), await elapsed(promises.setTimeout(40))],
  "node:timers/promises aborted": () => promises.setTimeout(1000, null, { signal: AbortSignal.abort("why") }).catch((e) => [e.name, e.code, e.message]),
  "node:timers/promises aborted later": () => promises.setTimeout(1000, null, { signal: AbortSignal.timeout(5) }).catch((e) => [e.name, e.code]),
  "intervals of promises": async () => { const seen = []; for await (const value of promises.setInterval(1, "x")) if (seen.push(value) === 3) break; return seen; },
  "scheduler of promises": async () => [await promises.scheduler.wait(1), await promises.scheduler.yield()].map(String),
  "setImmediate": async () => { const seen = []; const done = new Promise((resolve) => setTimeout(resolve, 20)); setImmediate(() => seen.push("immediate")); process.nextTick(() => seen.push("tick")); queueMicrotask(() => seen.push("microtask")); await done; return seen; },
  "setImmediate of node:timers": async () => new Promise((resolve) => immediate(resolve, "x")),
  "AsyncLocalStorage": () => { const store = new AsyncLocalStorage(); return store.run(5, async () => { await scheduler.wait(1); const timed = await new Promise((resolve) => setTimeout(() => resolve(store.getStore()), 1)); await fetch("https://origin.example/text"); return [timed, store.getStore()]; }); },
  "randomBytes": () => { const bytes = crypto.randomBytes(64); return [bytes.length, bytes.some(Boolean), bytes.constructor.name]; },
  "randomUUID": () => crypto.randomUUID().length,
  "randomInt": () => { const n = crypto.randomInt(5, 9); return n >= 5 && n < 9; },
  "hrtime": () => typeof process.hrtime.bigint(),
  "the clock of hrtime": () => Math.abs(process.hrtime()[0] * 1000 - Date.now()) < 5000,
  "globals": () => [typeof process, typeof Buffer, typeof global],
};
