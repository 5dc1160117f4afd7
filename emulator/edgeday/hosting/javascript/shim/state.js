// What all parts share: the instant, the invocation whose turn it is, and what the turn asks of the host.
// JavaScript runs only while the host waits for the end of a turn, so neither can change under the worker's feet.

import { here, remember, stackOf } from "edgeday:errors";

export const out = [];
export const turn = { now: 0, invocation: null };
const pending = new Map();
let ids = 0;

const nextId = () => ++ids;

// Errors of the platform: one that the worker throws on is the platform's still, and no defect of the worker.
const fromPlatform = new WeakSet();
const CLASSES = { TypeError, RangeError, SyntaxError };
export const platformError = (name, message) => {
  const error = new (CLASSES[name] ?? Error)(message);
  fromPlatform.add(error);
  return error;
};
export const asPlatformError = (error) => {
  fromPlatform.add(error);
  return error;
};
export const isPlatformError = (error) => typeof error === "object" && error !== null && fromPlatform.has(error);

const GLOBAL_SCOPE =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, " +
  "and generating random values are not allowed within global scope. To fix this error, perform this operation within a " +
  "handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/";

// The invocations that run, by number.
export const invocations = new Map();

// Whether the code runs in an invocation's I/O context: the runtime lets only that touch its WebSocket.
const runsIn = (invocation) => {
  try {
    return invocation.socket.readyState > 0;
  } catch {
    return false;
  }
};

// The invocation that the code runs in, null in the global scope. A turn is one invocation's, but code of others may run
// in it: that which waited for a promise that the turn has settled.
export const invocationOrNull = () => {
  if (turn.invocation !== null && runsIn(turn.invocation)) return turn.invocation;
  for (const invocation of invocations.values()) {
    if (runsIn(invocation)) return (turn.invocation = invocation);
  }
  return null;
};

// The same, where code must be in one.
export const currentInvocation = () => {
  const invocation = invocationOrNull();
  if (invocation === null) throw platformError("Error", GLOBAL_SCOPE);
  return invocation;
};

const asIs = (value) => value;

// The runtime turns what a signal was aborted with into an error, where it is none.
export const reasonOf = (signal) => {
  const { reason } = signal;
  return typeof reason === "object" && reason !== null ? reason : new Error(String(reason));
};

// Asks the host for an operation. What is asked once the invocation is over never settles, as in production.
// at: where the worker's code asked, for what has waited since. decode: makes the result of what the host found.
export const operate = (invocation, kind, args, signal, at = here(operate), decode = asIs) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(reasonOf(signal));
      return;
    }
    if (invocation.over) {
      out.push({ t: "late", inv: invocation.number, k: kind, stack: stackOf(at) });
      return;
    }
    const id = nextId();
    pending.set(id, { resolve, reject, invocation, kind, args, at, decode });
    out.push({ t: "op", inv: invocation.number, id, k: kind, a: args, at: invocation.lines ? stackOf(at) : undefined });
    if (!signal) return;
    const stop = () => {
      if (!pending.delete(id)) return;
      out.push({ t: "cancel", inv: invocation.number, id });
      reject(reasonOf(signal));
    };
    signal.addEventListener("abort", stop, { once: true });
  });

// Settles an operation with what the host found.
export const settle = (message) => {
  const operation = pending.get(message.id);
  if (operation === undefined) return;
  pending.delete(message.id);
  turn.invocation = operation.invocation;
  if (message.t !== "ok") {
    fail(operation, platformError(message.name, message.message));
    return;
  }
  try {
    operation.resolve(operation.decode(message.v));
  } catch (error) {
    fail(operation, asPlatformError(error));
  }
};

const fail = (operation, error) => {
  remember(error, operation.at);
  operation.reject(error);
};

// Tells where the worker's code asked for an operation that is not over.
export const where = (message) => {
  const operation = pending.get(message.id);
  if (operation !== undefined) out.push({ t: "where", inv: message.inv, stack: stackOf(operation.at) });
};

// The operations of an invocation that are not over.
export const operationsOf = (invocation) => [...pending].filter(([, operation]) => operation.invocation === invocation);

// Forgets an operation, which is never settled then.
export const forget = (id) => pending.delete(id);

// Puts a stand-in in the place of a global, as writable and as hidden as the runtime's own.
export const replace = (owner, name, value) =>
  Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });
