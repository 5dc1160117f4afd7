const described = (owner, name) => {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  return own === undefined ? "none" : [name, "value" in own ? typeof own.value : "accessor", own.writable, own.enumerable, own.configurable];
};

export default {
  "names of the global scope": () => Object.getOwnPropertyNames(globalThis).sort(),
  "names that can be listed": () => Object.keys(globalThis).sort(),
  "names of its prototypes": () => { const names = []; for (let p = Object.getPrototypeOf(globalThis); p; p = Object.getPrototypeOf(p)) names.push([p.constructor?.name, Object.getOwnPropertyNames(p).sort().join()]); return names; },
  "symbols of the global scope": () => Object.getOwnPropertySymbols(globalThis).map(String),
  "descriptors of the global scope": () => Object.getOwnPropertyNames(globalThis).sort().map((name) => described(globalThis, name)),
  "kinds of globals": () => Object.getOwnPropertyNames(globalThis).sort().map((name) => { try { return [name, Object.prototype.toString.call(globalThis[name])]; } catch (e) { return [name, e.message]; } }),
  "fetch": () => [fetch.name, fetch.length, Object.getOwnPropertyNames(fetch).sort(), "prototype" in fetch],
  "source of fetch": () => String(fetch),
  "names of functions": () => ["fetch", "atob", "btoa", "queueMicrotask", "structuredClone", "reportError", "addEventListener", "removeEventListener", "dispatchEvent"].map((name) => [globalThis[name]?.name, globalThis[name]?.length]),
  "caches": () => [Object.prototype.toString.call(caches), caches.constructor.name, caches instanceof CacheStorage, Object.getOwnPropertyNames(caches), Object.getOwnPropertyNames(Object.getPrototypeOf(caches)).sort()],
  "caches.default": () => [Object.prototype.toString.call(caches.default), caches.default.constructor.name, caches.default instanceof Cache, caches.default === caches.default, Object.getOwnPropertyNames(Object.getPrototypeOf(caches.default)).sort()],
  "classes of caches": () => [typeof Cache, typeof CacheStorage, Cache.name, CacheStorage.name],
  "new Cache": () => new Cache(),
  "self": () => [self === globalThis, typeof window, typeof global, typeof process, typeof Buffer, typeof require, typeof module],
  "console": () => [Object.getOwnPropertyNames(console).sort(), Object.prototype.toString.call(console), console.log.name, console.log.length],
  "console gives nothing": () => [console.log("x"), console.error("x"), console.table([1]), console.time("a"), console.timeEnd("a"), console.dir({}), console.assert(true), console.count(), console.group("x"), console.groupEnd()].map(String),
  "navigator": () => [navigator.userAgent, Object.prototype.toString.call(navigator), navigator.hardwareConcurrency, navigator.language, navigator.languages, typeof navigator.sendBeacon],
  "prototypes are as they were": () => [Request, Response, Headers, AbortSignal, ReadableStream, FormData, Blob, URL, Event, EventTarget].map((c) => [c.name, c.length, Object.getOwnPropertyNames(c).sort().join(), Object.getOwnPropertyNames(c.prototype).sort().join()]),
  "own names of a request": ({ request }) => [Object.getOwnPropertyNames(request), Object.getOwnPropertyNames(request.headers), Object.getPrototypeOf(request) === Request.prototype, request.constructor === Request],
  "own names of ctx": ({ ctx }) => [Object.getOwnPropertyNames(ctx).sort(), Object.getOwnPropertyNames(Object.getPrototypeOf(ctx)).sort(), Object.prototype.toString.call(ctx), ctx.constructor.name],
  "ctx.props": ({ ctx }) => ctx.props,
  "ctx.waitUntil": ({ ctx }) => [ctx.waitUntil.name, ctx.waitUntil.length, String(ctx.waitUntil(Promise.resolve()))],
  "ctx.waitUntil of a value": ({ ctx }) => String(ctx.waitUntil(5)),
  "ctx.waitUntil of nothing": ({ ctx }) => String(ctx.waitUntil()),
  "ctx.waitUntil taken off": ({ ctx }) => { const { waitUntil } = ctx; return String(waitUntil(Promise.resolve())); },
  "ctx.passThroughOnException": ({ ctx }) => [ctx.passThroughOnException.name, ctx.passThroughOnException.length, String(ctx.passThroughOnException())],
  "ctx.exports": ({ ctx }) => typeof ctx.exports,
  "env": ({ env }) => [Object.keys(env).sort(), Object.getPrototypeOf(env) === Object.prototype, Object.isFrozen(env)],
  "env can be written": ({ env }) => { env.more = 1; const more = env.more; delete env.more; return more; },
  "errors have no frames of the runtime's stand-ins": () => { try { fetch.call({}); } catch (e) { return /edgeday/.test(e.stack); } },
  "globals cannot be told by their stacks": async () => { let stack; await new Promise((resolve) => setTimeout(() => { stack = new Error("x").stack; resolve(); }, 1)); return [/edgeday/.test(stack), stack.split("\n").length]; },
};
