// Runs probes in workerd alone and through edgeday: what each gives, or throws, in words.

import dates from "./dates.js";
import fetching from "./fetching.js";
import globals from "./globals.js";
import messages from "./messages.js";
import random from "./random.js";
import { probes as scope } from "./scope.js";
import timers from "./timers.js";
import web from "./web.js";

const groups = { dates, fetching, globals, messages, random, scope, timers, web };

const words = (value) => {
  if (value === undefined) return "undefined";
  if (typeof value === "function" || typeof value === "symbol") return String(value);
  return JSON.parse(JSON.stringify(value, (_, one) => (one === undefined ? "undefined" : Number.isNaN(one) ? "NaN" : typeof one === "bigint" ? `${one}n` : one)));
};

export default {
  async fetch(request, env, ctx) {
    const group = groups[new URL(request.url).pathname.slice(1)];
    const results = {};
    for (const [name, probe] of Object.entries(group)) {
      try {
        results[name] = words(await probe({ request, env, ctx }));
      } catch (error) {
        results[name] = `${error?.constructor?.name} ${error?.name}: ${error?.message}`;
      }
    }
    return Response.json(results);
  },
};
