// The Cache API: objects of the runtime's own classes, whose methods convert their arguments as its do and ask the host.
// Source: workerd 1.20261117.1, api/cache.c++.

import { illegalInvocation, install, isObject, notOfType, refused, rejected, typeError } from "edgeday:arguments";
import { isCompressed } from "edgeday:encodings";
import { here } from "edgeday:errors";
import { freeze } from "edgeday:immutable";
import { asPlatformError, currentInvocation, operate, platformError } from "edgeday:state";
import { wellFormed } from "edgeday:text";
import { bytesOf, bytesToValue, wholeStream } from "edgeday:wire";

const names = new WeakMap([[caches.default, null]]);
const nativeOpen = CacheStorage.prototype.open;

const nameOf = (cache) => {
  const name = names.get(cache);
  if (name === undefined) throw illegalInvocation();
  return name;
};

// What a cache looks at in a request.
const FIELDS = { match: ["if-none-match", "if-modified-since", "range"], put: ["authorization"], delete: [] };

// The first argument: a request, or the text of anything else.
const namedBy = (method, count, request) => {
  if (count === 0) throw notOfType(method, "Cache", 1, "Request or string");
  return request instanceof Request ? request : `${request}`;
};

// A request as the host is told of it: its URL, where that is all that counts.
const keyOf = (method, request) => {
  if (typeof request === "string") return textKey(request);
  const { url, method: verb, headers, cf } = request;
  const fields = [];
  for (const name of FIELDS[method]) if (headers.has(name)) fields.push([name, headers.get(name)]);
  const special = cf !== undefined && cf !== null && (cf.cacheKey !== undefined || cf.cacheTtl !== undefined);
  if (verb === "GET" && fields.length === 0 && !special) return url;
  const named = special ? JSON.parse(JSON.stringify({ cacheKey: cf.cacheKey, cacheTtl: cf.cacheTtl })) : null;
  if (typeof named?.cacheKey === "string") named.cacheKey = wellFormed(named.cacheKey);
  return { url, method: verb, headers: fields, cf: named };
};

// URLs that parsing leaves as they are: lower-case host, no port, no dots or escapes in the path.
const PLAIN = /^https?:\/\/(?:(?!xn--)[a-z][a-z0-9-]*\.)+(?!xn--)[a-z][a-z0-9-]*\/[A-Za-z0-9_:~!$&()*+,;=@/-]*$/;

const textKey = (text) => (PLAIN.test(text) ? text : urlOf(text));

const urlOf = (text) => {
  try {
    return new Request(text).url;
  } catch (error) {
    throw asPlatformError(error);
  }
};

const ABSENT = ["ignoreSearch", "ignoreVary", "cacheName"];

const ignoresMethod = (method, options) => {
  if (options === undefined || options === null) return false;
  if (!isObject(options)) throw notOfType(method, "Cache", 2, "CacheQueryOptions");
  const { ignoreMethod } = options;
  for (const name of ABSENT) {
    if (options[name] !== undefined) {
      throw platformError("Error", `The '${name}' field on 'CacheQueryOptions' is not implemented.`);
    }
  }
  return Boolean(ignoreMethod);
};

const WITHOUT_BODY = new Set([204, 205, 304]);

const hit = (found) => {
  if (found === null) return undefined;
  const [status, statusText, headers, sent] = found;
  const body = WITHOUT_BODY.has(status) ? null : bytesOf(sent ?? "");
  const made = new Response(body, { status, statusText, headers, encodeBody: "manual" });
  freeze(made.headers);
  return made;
};

// What the runtime inspects streams by: their length, where it is known before they are read.
const LENGTH = (() => {
  const symbols = Object.getOwnPropertySymbols(ReadableStream.prototype);
  const inspected = symbols.find((symbol) => symbol.description === "kResourceTypeInspect");
  return ReadableStream.prototype[inspected]?.length;
})();

const USED = "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";

const put = (cache, request, response, count) => {
  const name = nameOf(cache);
  try {
    const named = namedBy("put", count, request);
    if (!(response instanceof Response)) throw notOfType("put", "Cache", 2, "Response");
    if (response.type === "error") throw typeError("Cache is unable to store an error response");
    const key = keyOf("put", named);
    const { status, headers, body } = response;
    if (typeof key === "object" && key.method !== "GET") throw typeError("Cannot cache response to non-GET request.");
    if (status === 206) throw typeError("Cannot cache response to a range request (206 Partial Content).");
    if (headers.get("vary")?.includes("*")) throw typeError("Cannot cache response with 'Vary: *' header.");
    if (response.bodyUsed) throw typeError(USED);
    if (body?.locked) throw typeError("The ReadableStream has been locked to a reader.");
    const invocation = currentInvocation();
    const fields = [...headers];
    const at = here(Cache.prototype.put);
    const ask = (sent, known, manual) =>
      operate(invocation, "cache.put", [name, key, status, fields, sent, known, manual], null, at, nothing);
    if (body === null || status === 304) return ask(null, true, false);
    const known = LENGTH === undefined || body[LENGTH] !== undefined;
    const whole = known ? response.arrayBuffer().then((buffer) => new Uint8Array(buffer)) : wholeStream(body);
    return whole.then((bytes) => ask(bytesToValue(bytes), known, isCompressed(response, bytes)));
  } catch (error) {
    return refused("cache.put", request, error);
  }
};

const ask = (method, cache, request, count, options, decode) => {
  const name = nameOf(cache);
  try {
    const named = namedBy(method, count, request);
    const anyMethod = ignoresMethod(method, options);
    const args = [name, keyOf(method, named), anyMethod];
    return operate(currentInvocation(), `cache.${method}`, args, null, undefined, decode);
  } catch (error) {
    return refused(`cache.${method}`, request, error);
  }
};

const nothing = () => undefined;

install(Cache.prototype, {
  match(request, options) {
    return ask("match", this, request, arguments.length, options, hit);
  },
  put(request, response) {
    return put(this, request, response, arguments.length);
  },
  delete(request, options) {
    return ask("delete", this, request, arguments.length, options);
  },
});

install(CacheStorage.prototype, {
  open(...args) {
    if (this !== caches) throw illegalInvocation();
    try {
      if (args.length > 0) args[0] = `${args[0]}`;
    } catch (error) {
      return rejected(error);
    }
    return nativeOpen.apply(this, args).then((cache) => {
      names.set(cache, wellFormed(args[0]));
      return cache;
    });
  },
});
