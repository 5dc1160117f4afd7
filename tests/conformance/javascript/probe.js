// Does one step of a recorded case with each request, and answers with its result in the notation of the vectors.

import { kvArguments, requestOf, responseOf, special, text, value } from "./notation.js";
import { bulk, found, kvValue, listed } from "./results.js";
import * as web from "./web.js";

let cursors = {};

const kv = {
  async put(namespace, args, options) {
    await namespace.put(...kvArguments(args, "key", "value"), ...options);
  },

  async putMany(namespace, { keyPrefix, count, digits, value: written }) {
    for (let i = 0; i < count; i++) await namespace.put(keyPrefix + String(i).padStart(digits, "0"), value(written));
  },

  async delete(namespace, args) {
    await namespace.delete(...kvArguments(args, "key"));
  },

  async list(namespace, args, options, number) {
    const page = await namespace.list(...options);
    if ("cursor" in page) cursors[number] = page.cursor;
    return listed(page);
  },

  get: (namespace, args, options) => read("get", namespace, args, options),
  getWithMetadata: (namespace, args, options) => read("getWithMetadata", namespace, args, options),
};

const read = async (method, namespace, args, options) => {
  const second = "options" in args ? options : "type" in args ? [special(args.type)] : [];
  if ("keys" in args) {
    return bulk(await namespace[method](args.keys.map(value.key), ...second), method === "getWithMetadata");
  }
  const given = second[0];
  const kind = (typeof given === "object" && given !== null ? given.type : given) ?? "text";
  const answer = await namespace[method](value.key(args.key), ...second);
  if (method === "get") return kvValue(answer, kind);
  return { ...answer, value: await kvValue(answer.value, kind) };
};

const cacheStep = async (op, args) => {
  const cache = "cacheName" in args ? await caches.open(text(args.cacheName)) : caches.default;
  const request = requestOf(args.request);
  if (op === "put") return cache.put(request, await responseOf(args.response));
  const options = "options" in args ? [value.options(args.options, {})] : [];
  if (op === "delete") return cache.delete(request, ...options);
  const response = await cache.match(request, ...options);
  return response === undefined ? null : found(response);
};

const step = async (area, number, op, args, env) => {
  if (area === "web") return web[op](args);
  if (area === "cache") return cacheStep(op, args);
  const options = "options" in args ? [value.options(args.options, cursors)] : [];
  return kv[op](env[args.namespace ?? "first"], args, options, number);
};

export default {
  async fetch(request, env) {
    const { area, number, op, args } = await request.json();
    if (number === 0) cursors = {};
    let answer;
    try {
      answer = { result: (await step(area, number, op, args, env)) ?? null };
    } catch ({ name, message }) {
      answer = { error: { name, message } };
    }
    return new Response(JSON.stringify(answer));
  },
};
