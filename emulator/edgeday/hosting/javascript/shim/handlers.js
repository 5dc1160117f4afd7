// The worker's handlers: which there are, and how they are called.

import entrypoints from "cloudflare-internal:workers";
import { heardFetch, heardScheduled, listening } from "edgeday:events";
import { freeze } from "edgeday:immutable";
import { send } from "edgeday:responses";
import { out, platformError } from "edgeday:state";
import { bare } from "edgeday:uncaught";
import { fromWire, hasType } from "edgeday:wire";

let exported = null;

// The module of the worker; none in the form of a script.
export const use = (module) => {
  exported = module;
};

const missing = (name) => platformError("Error", `Handler does not export a ${name}() function.`);

// Any other class is taken for one of Durable Objects.
const isEntrypoint = (owner) => typeof owner === "function" && owner.prototype instanceof entrypoints.WorkerEntrypoint;

// Calls a handler of the worker's, in a turn of its own.
const call = (name, entrypoint, args, env, ctx) => {
  const owner = exported[entrypoint || "default"];
  const made = isEntrypoint(owner) ? new owner(ctx, env) : owner;
  const handler = made?.[name];
  if (typeof handler !== "function") throw missing(name);
  return Promise.resolve(ctx).then(bare(handler, made, [...args, env]));
};

const requestOf = (message) => {
  const request = new Request(message.url, {
    method: message.method,
    headers: message.headers,
    body: fromWire(message.body) ?? undefined,
    cf: message.cf ?? undefined,
    redirect: "manual",
  });
  if (message.body !== null && !hasType(message.headers)) request.headers.delete("content-type"); // `new Request` gave it one
  freeze(request.headers);
  return request;
};

const check = (response) => {
  if (!(response instanceof Response)) {
    throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
  }
  if (response.type === "error") {
    throw new TypeError("Return value from serve handler must not be an error response (like Response.error())");
  }
  if (response.webSocket) throw platformError("Error", "edgeday does not emulate WebSockets: a response cannot have one");
  return response;
};

const answer = async (message, invocation, env, ctx) => {
  const request = requestOf(message);
  const response =
    exported === null ? heardFetch(request, ctx) : call("fetch", message.entrypoint, [request], env, ctx);
  await send(check(await response), invocation);
};

const runCron = async (message, invocation, env, ctx) => {
  const controller = {
    scheduledTime: message.scheduledTime,
    cron: message.cron,
    noRetry: () => void out.push({ t: "no-retry", inv: message.inv }),
  };
  if (exported === null) {
    if (!listening.has("scheduled")) throw missing("scheduled");
    heardScheduled(controller, ctx);
  } else await call("scheduled", message.entrypoint, [controller], env, ctx);
  out.push({ t: "ran", inv: message.inv });
};

export const handle = (message, invocation, env, ctx) =>
  message.cron === undefined ? answer(message, invocation, env, ctx) : runCron(message, invocation, env, ctx);

const NAMES = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace"];
const CLASSES = ["DurableObject", "WorkflowEntrypoint"];

const codeOf = (handler) => Function.prototype.toString.call(handler);

// The handlers of an entrypoint by name, each with its source; of a class that is none, what it extends.
const handlersOf = (owner) => {
  const prototype = typeof owner === "function" ? owner.prototype : owner;
  const base = CLASSES.find((name) => prototype instanceof entrypoints[name]);
  if (base !== undefined) return { extends: base };
  const names = NAMES.filter((name) => typeof prototype?.[name] === "function");
  return Object.fromEntries(names.map((name) => [name, codeOf(prototype[name])]));
};

export const describe = () => {
  const entrypoints =
    exported === null
      ? { default: Object.fromEntries([...listening].map(([name, one]) => [name, codeOf(one.handleEvent ?? one)])) }
      : Object.fromEntries(Object.entries(exported).map(([name, owner]) => [name, handlersOf(owner)]));
  out.push({ t: "loaded", inv: 0, entrypoints });
};
