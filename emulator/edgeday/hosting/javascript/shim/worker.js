// Runs the worker's handlers, one turn at a time: a message of the host, the code until nothing is left to do at once, then
// what it asked for. Each invocation has a WebSocket of its own, and with it an I/O context, as in production.

import "edgeday:caches";
import "edgeday:clock";
import { errorToWire } from "edgeday:errors";
import "edgeday:fetching";
import { read, send } from "edgeday:frames";
import { generator } from "edgeday:randomness";
import { forget, invocations, isPlatformError, out, platformError, replace, settle, turn, where } from "edgeday:state";
import { afterOthers, letOthersWait } from "edgeday:others";
import { afterMicrotasks, forgetTimers, ring } from "edgeday:timers";
import { bodyToWire, freezeHeaders, fromWire } from "edgeday:wire";

const listeners = {};
let exported = null;
let bindings = {};

// The module of the worker, and its bindings where it gets them with each event.
export const use = (module) => {
  exported = module;
};

const handler = (name, entrypoint, env, ctx) => {
  const owner = exported[entrypoint || "default"];
  if (typeof owner === "function") {
    const made = new owner(ctx, env);
    return typeof made[name] === "function" ? (event) => made[name](event) : null;
  }
  return typeof owner?.[name] === "function" ? (event) => owner[name](event, env, ctx) : null;
};

const missing = (name) => platformError("Error", `Handler does not export a ${name}() function.`);

const answer = async (message, env, ctx) => {
  const request = new Request(message.url, {
    method: message.method,
    headers: message.headers,
    body: fromWire(message.body) ?? undefined,
    cf: message.cf ?? undefined,
  });
  freezeHeaders(request.headers);
  const response = await (exported === null ? heard(request, ctx) : asked(request, message, env, ctx));
  if (!(response instanceof Response)) {
    throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
  }
  const { status, statusText, headers } = response;
  const body = await bodyToWire(response);
  out.push({ t: "res", inv: message.inv, status, statusText, headers: [...headers], body });
};

const asked = (request, message, env, ctx) => {
  const fetch = handler("fetch", message.entrypoint, env, ctx);
  if (fetch === null) throw missing("fetch");
  return fetch(request);
};

const heard = (request, ctx) =>
  new Promise((resolve, reject) => {
    let answered = false;
    const respondWith = (response) => {
      answered = true;
      Promise.resolve(response).then(resolve, reject);
    };
    if (!listeners.fetch) throw missing("fetch");
    listeners.fetch({ type: "fetch", request, respondWith, ...ctx });
    if (!answered) reject(platformError("Error", "No event handler called respondWith()."));
  });

const runCron = async (message, env, ctx) => {
  const controller = {
    type: "scheduled",
    scheduledTime: message.scheduledTime,
    cron: message.cron,
    noRetry: () => out.push({ t: "no-retry", inv: message.inv }),
  };
  if (exported === null) {
    if (!listeners.scheduled) throw missing("scheduled");
    await listeners.scheduled({ ...controller, ...ctx });
  } else {
    const scheduled = handler("scheduled", message.entrypoint, env, ctx);
    if (scheduled === null) throw missing("scheduled");
    await scheduled(controller);
  }
  out.push({ t: "ran", inv: message.inv });
};

const report = (number, error) => {
  out.push({ t: "throw", inv: number, platform: isPlatformError(error), ...errorToWire(error) });
};

const begin = async (message, socket) => {
  const waits = [];
  const invocation = {
    number: message.inv,
    socket,
    over: false,
    draw: generator(message.seed),
    uuids: message.uuids,
    stubs: message.stubs,
    lines: message.lines,
  };
  invocations.set(message.inv, invocation);
  letOthersWait(invocation);
  turn.invocation = invocation;
  const ctx = {
    waitUntil: (promise) => void waits.push(Promise.resolve(promise)),
    passThroughOnException: () => out.push({ t: "pass-through", inv: message.inv }),
    props: {},
  };
  const env = message.vars === null ? bindings : { ...bindings, ...message.vars };
  try {
    await (message.cron === undefined ? answer(message, env, ctx) : runCron(message, env, ctx));
  } catch (error) {
    report(message.inv, error);
  }
  while (waits.length) await Promise.allSettled(waits.splice(0));
  end(invocation);
  out.push({ t: "end", inv: message.inv });
};

const end = (invocation) => {
  invocation.over = true;
  invocations.delete(invocation.number);
  forget(invocation);
  forgetTimers(invocation);
};

const drop = (message) => {
  const invocation = invocations.get(message.inv);
  if (invocation !== undefined) end(invocation);
};

// The handlers of an entrypoint by name, each with its source.
const handlersOf = (owner) => {
  const prototype = typeof owner === "function" ? owner.prototype : owner;
  const names = ["fetch", "scheduled"].filter((name) => typeof prototype?.[name] === "function");
  return Object.fromEntries(names.map((name) => [name, codeOf(prototype[name])]));
};

const codeOf = (handler) => Function.prototype.toString.call(handler);

const describe = () => {
  const entrypoints =
    exported === null
      ? { default: Object.fromEntries(Object.entries(listeners).map(([name, one]) => [name, codeOf(one)])) }
      : Object.fromEntries(Object.entries(exported).map(([name, owner]) => [name, handlersOf(owner)]));
  out.push({ t: "loaded", inv: 0, entrypoints });
};

const TURNS = { start: begin, ok: settle, err: settle, timer: ring, drop, where, hello: describe, nop: () => {} };

// The end of a turn. One that ends the invocation ends the connection too: if the host hung up, that would be an error, which
// costs the runtime as much as half a request.
const reply = (socket, number) => {
  send(socket);
  if (!invocations.has(number)) socket.close(1000);
};

// The other end of an invocation's WebSocket.
export const accept = (request, env) => {
  bindings = env ?? bindings;
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.binaryType = "arraybuffer";
  server.addEventListener("message", ({ data }) => {
    const message = read(data);
    turn.now = message.now;
    TURNS[message.t](message, server);
    afterMicrotasks(() => afterOthers(message.inv, () => reply(server, message.inv)), 0);
  });
  return new Response(null, { status: 101, webSocket: client });
};

// Prepares the global scope of a worker in the form of a script: it registers listeners, and its bindings are globals.
export const prepare = (env) => {
  for (const [name, value] of Object.entries(env)) replace(globalThis, name, value);
  replace(globalThis, "addEventListener", (kind, listener) => {
    listeners[kind] = listener;
  });
};
