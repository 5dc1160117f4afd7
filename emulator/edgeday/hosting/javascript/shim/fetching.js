// fetch: to the origins that the host has.

import { here } from "edgeday:errors";
import { isFromOutside } from "edgeday:immutable";
import { currentInvocation, operate } from "edgeday:state";
import { checkThis, ownerOf, replaceMethod } from "edgeday:stand_ins";
import { bodyToWire, headToWire, responseFromWire } from "edgeday:wire";

const nativeFetch = globalThis.fetch;

// A stream is sent once, and so is the body of what the worker itself was asked.
const isSentOnce = (input, init) =>
  init?.body instanceof ReadableStream || ((init?.body ?? null) === null && input instanceof Request && isFromOutside(input));

const send = async (args, invocation, at) => {
  if (args.length === 0) return nativeFetch();
  const [input, init] = args;
  const once = isSentOnce(input, init);
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (url.protocol === "data:") return nativeFetch(request);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new TypeError(`Fetch API cannot load: ${request.url}`);
  url.username = url.password = "";
  const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
  const head = { ...headToWire(request), url: url.href, redirect: request.redirect, once };
  const found = await operate(invocation, "fetch", [{ ...head, body: await bodyToWire(request) }], signal, at);
  return responseFromWire(found, signal);
};

const stand = {
  fetch(...args) {
    checkThis(this, globalThis);
    return send(args, currentInvocation(), here(stand.fetch));
  },
};
replaceMethod(ownerOf("fetch"), "fetch", stand.fetch);
