// Random calls of KV and caches, and what is seen of each: the same for the same seed, wherever it runs.

import { shapes } from "./shapes.js";

const sfc32 = (a, b, c, d) => () => {
  const sum = (((a + b) | 0) + d) | 0;
  d = (d + 1) | 0;
  a = b ^ (b >>> 9);
  b = (c + (c << 3)) | 0;
  c = ((c << 21) | (c >>> 11)) + sum | 0;
  return (sum >>> 0) / 4294967296;
};

let draw;
let seen;
const int = (count) => Math.floor(draw() * count);
const one = (list) => list[int(list.length)];
const kinds = new WeakMap();
const maybe = (chance) => draw() < chance;

class Own {
  constructor(value) {
    this.value = value;
  }
  toString() {
    return `own ${this.value}`;
  }
}

const spy = (name, value) => ({
  toString() {
    seen.push(`${name}.toString`);
    return value;
  },
  valueOf() {
    seen.push(`${name}.valueOf`);
    return value;
  },
});

const thrower = (name) => ({
  toString() {
    seen.push(`${name}.throws`);
    throw new RangeError(name);
  },
  valueOf() {
    seen.push(`${name}.throws`);
    throw new RangeError(name);
  },
});

const TEXTS = ["a", "b", "ключ", "7", "007", "__proto__", "a/b?c#d%20", " ", "\u0000", "🤓", "constructor", "x:y", "%", "\ufeffa"];
const HALVES = ["\ud800", "a\udc00b", "\ud83e\ud83e\udd13", "\udfff\ud800"];
const ODD = [
  () => undefined, () => null, () => true, () => 0, () => -0, () => 1.5, () => NaN, () => Infinity, () => 1e21, () => 5n,
  () => Symbol("s"), () => ({}), () => [], () => ["a"], () => [[]], () => new Own(1), () => new Date(0), () => new Map([[1, 2]]),
  () => /x/g, () => () => 1, () => class {}, () => new String("boxed"), () => new Number(7), () => Object.create(null),
  () => Object.freeze({ a: 1 }), () => new Proxy({}, {}), () => spy("odd", "a"), () => thrower("odd"), () => new URL("https://e.com/x"),
  () => new Error("e"), () => new Uint8Array([97]), () => new Set([1]), () => Promise.resolve(1), () => new Response("x"),
];

const key = () => {
  const kind = int(12);
  if (kind < 7) return one(TEXTS);
  if (kind === 7) return one(HALVES);
  if (kind === 8) return one(["", ".", "..", "x".repeat(512), "x".repeat(513), "ю".repeat(256), "ю".repeat(257), "\ud800".repeat(171)]);
  if (kind === 9) return spy("key", one(TEXTS));
  return one(ODD)();
};

const bytes = () => Uint8Array.from({ length: int(20) }, () => int(256));
const stream = (chunks, options) =>
  new ReadableStream({
    ...options,
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

const used = async (make) => {
  const response = new Response("used");
  await response.text();
  return make(response);
};

const STREAMS = [
  () => stream([bytes(), bytes()]),
  () => stream([]),
  () => stream(["text"]),
  () => stream([new Uint16Array([1, 2]), new DataView(new ArrayBuffer(2))]),
  () => stream([bytes().buffer]),
  () => stream([new Uint8Array([1])], { type: "bytes" }),
  () => new ReadableStream({ start: (c) => c.error(new RangeError("boom")) }),
  () => new ReadableStream({ pull: () => { throw new RangeError("pulled"); } }),
  () => {
    const made = stream([bytes()]);
    made.getReader();
    return made;
  },
  () => new Response("body").body,
  () => new Response(bytes()).body,
  () => new Blob(["blob"]).stream(),
  () => new Response("teed").body.tee()[one([0, 1])],
  () => {
    const { readable, writable } = new FixedLengthStream(3);
    const writer = writable.getWriter();
    writer.write(new Uint8Array([1, 2, 3])).catch(() => {});
    writer.close().catch(() => {});
    return readable;
  },
  () => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write(new Uint8Array([1, 2, 3])).catch(() => {});
    writer.close().catch(() => {});
    return readable;
  },
  () => new Response("text").body.pipeThrough(new TextDecoderStream()),
  () => new Response("text").body.pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip")),
];

const oneStream = () => {
  const make = one(STREAMS);
  const made = make();
  kinds.set(made, STREAMS.indexOf(make));
  return made;
};

const BUFFERS = [
  () => bytes(),
  () => bytes().buffer,
  () => new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3),
  () => new Uint16Array([1, 2, 3]).subarray(1),
  () => new DataView(new Uint8Array([0, 104, 105]).buffer, 1),
  () => new SharedArrayBuffer(3),
  () => new Uint8Array(new SharedArrayBuffer(3)),
  () => new Float64Array([1.5]),
  () => new BigInt64Array([1n]),
  () => new ArrayBuffer(0),
  () => new ArrayBuffer(2, { maxByteLength: 8 }),
  () => new TextEncoder().encode("ж"),
];

const JSONS = ["1.0", "-0", "1e400", "12345678901234567890", '{"__proto__":1,"a":2,"1":3}', '{"a":1,"a":2}', '"\\ud800"', "[1e21]", "null", "", "{", "\ufeff1", "NaN", '"\u2028"', "0.1e-7", "-0.0", "[[[]]]", '{"":0}', "true x"];

const value = () => {
  const kind = int(10);
  if (kind < 3) return one(JSONS);
  if (kind === 3) return one([...TEXTS, ...HALVES]);
  if (kind < 6) return one(BUFFERS)();
  if (kind < 8) return oneStream();
  if (kind === 8) return spy("value", "v");
  return one(ODD)();
};

const NUMBERS = [
  () => 60, () => "61", () => 59, () => 0, () => -1, () => 1e10, () => -1e10, () => 60.9, () => NaN, () => null, () => undefined,
  () => true, () => "x", () => "", () => " 70 ", () => 5n, () => [60], () => ({}), () => spy("number", "60"), () => thrower("number"),
  () => Symbol("n"), () => Infinity, () => -Infinity, () => 2147483647, () => 2147483647.5, () => -2147483648.5, () => "0x3c", () => new Date(60),
  () => 1795392000 + 100, () => 1795392000 + 60, () => 1795392000 + 59, () => 1795392000,
];

const METADATA = [
  () => ({ a: 1 }), () => "text", () => "", () => 1.0, () => 1e21, () => -0, () => NaN, () => [1, undefined, () => 1], () => ({ b: 1, 1: 2, a: 3 }),
  () => JSON.parse('{"__proto__":{"x":1}}'), () => "\ud800", () => "ю🤓", () => null, () => undefined, () => 5n, () => new Date(0),
  () => new Map([[1, 2]]), () => "x".repeat(1022), () => "x".repeat(1023), () => ({ toJSON: () => ({ t: 1 }) }),
  () => ({ toJSON() { throw new RangeError("json"); } }), () => { const c = {}; c.c = c; return c; }, () => new Own(2), () => true, () => [], () => "\u0000\r\n",
  () => Object.freeze([1]), () => new Proxy({ p: 1 }, {}), () => new Uint8Array(2), () => "é",
];

// Options with some of the members, each there, absent, a getter, or one that throws; or what is no options object.
const options = (members) => {
  if (maybe(0.12)) return one(ODD)();
  const made = maybe(0.1) ? Object.create({ inherited: 1 }) : maybe(0.1) ? new Own(3) : {};
  for (const [name, make] of Object.entries(members)) {
    if (maybe(0.45)) continue;
    const held = make();
    if (maybe(0.3)) {
      const throws = maybe(0.15);
      Object.defineProperty(made, name, {
        enumerable: true,
        configurable: true,
        get() {
          seen.push(`get ${name}`);
          if (throws) throw new RangeError(`getter ${name}`);
          return held;
        },
      });
    } else made[name] = held;
  }
  if (maybe(0.1)) made.another = 1;
  if (maybe(0.06)) return new Proxy(made, {});
  if (maybe(0.06)) return Object.assign(() => 1, made);
  return maybe(0.06) ? Object.freeze(made) : made;
};

const type = () => one(["text", "json", "arrayBuffer", "stream", "text", "json", "x", "", "TEXT", null, undefined, 5, spy("type", "json"), thrower("type")]);
const readOptions = () => (maybe(0.5) ? type() : options({ cacheTtl: one(NUMBERS), type }));

const keys = () => {
  const count = one([0, 1, 2, 3, 3, 4, 100, 101]);
  if (maybe(0.7)) return Array.from({ length: count }, () => (count > 10 ? `k${int(5)}` : one(TEXTS)));
  if (maybe(0.3)) return Object.freeze([one(TEXTS)]);
  if (maybe(0.2)) return [, "a"];
  if (maybe(0.2)) return Object.assign(["a"], { extra: 1 });
  return Array.from({ length: Math.min(count, 4) }, key);
};

const trim = (args) => (maybe(0.05) ? args.slice(0, int(args.length)) : maybe(0.05) ? [...args, { surplus: 1 }] : args);

const KV = {
  put: () => [key(), value(), ...(maybe(0.6) ? [options({ metadata: one(METADATA), expirationTtl: one(NUMBERS), expiration: one(NUMBERS) })] : [])],
  get: () => [maybe(0.25) ? keys() : key(), ...(maybe(0.7) ? [readOptions()] : [])],
  getWithMetadata: () => [maybe(0.25) ? keys() : key(), ...(maybe(0.7) ? [readOptions()] : [])],
  list: () => (maybe(0.8) ? [options({ cursor: () => one([null, "", "YQ==", "x\ud800", "%%%", 5, undefined, {}]), prefix: () => one([...TEXTS, ...HALVES, "", null, 5, spy("prefix", "a"), "x".repeat(513)]), limit: one(NUMBERS) })] : []),
  delete: () => [key()],
};

const NAMED = (binding) => one([binding, binding, binding, binding, binding, binding, binding, binding, {}, undefined, Object.create(binding), new Proxy(binding, {})]);

const URLS = ["https://example.com/a", "https://example.com/a?x=1", "http://example.com/A#frag", "https://EXAMPLE.com:443/./b", "https://example.com/ю", "https://example.com/\ud800", "https://u:p@example.com/", "mailto:x", "/relative", "", "https://例え.jp/", "https://example.com/a b?c d'", "//x", "https://[::1]/", "https://127.1/"];

const request = () => {
  const kind = int(10);
  if (kind < 4) return one(URLS.slice(0, 4));
  if (kind === 4) return one(URLS);
  if (kind === 5) return maybe(0.5) ? new URL("https://example.com/a") : spy("request", "https://example.com/a");
  if (kind === 6) return one(ODD)();
  if (kind === 7) return new (class extends Request {})("https://example.com/a");
  const init = { method: one(["GET", "GET", "GET", "POST", "HEAD", "PUT"]) };
  if (maybe(0.5)) init.headers = one([{ range: "bytes=0-1" }, { range: "bytes=9-" }, { "if-none-match": '"e"' }, { "if-modified-since": "Mon, 23 Nov 2026 00:00:00 GMT" }, { authorization: "a" }, { "x-other": "ю" }]);
  if (maybe(0.3)) init.cf = one([{ cacheKey: "k" }, { cacheKey: "" }, { cacheKey: "ю\ud800" }, { other: { a: [1] } }, { cacheKey: 5 }, {}]);
  return new Request(one(URLS.slice(0, 5)), init);
};

const BODIES = [() => null, () => undefined, () => "", () => "text", () => "ю\ufeff", () => "\ud800", () => bytes(), () => new Blob(["b"], { type: "a/b" }), () => new URLSearchParams("a=b"), ...STREAMS, ...BUFFERS];
const FIELDS = [["cache-control", "max-age=60"], ["cache-control", "no-store"], ["Cache-Control", "public"], ["set-cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-A", "1"], ["x-a", "2"], ["x-u", "ü"], ["vary", "a"], ["vary", "a, *"], ["etag", '"e"'], ["content-type", "a/b"], ["content-length", "3"], ["age", "7"], ["last-modified", "Mon, 23 Nov 2026 00:00:00 GMT"], ["expires", "Tue, 24 Nov 2026 00:00:00 GMT"], ["x-empty", ""], ["cf-cache-status", "X"], ["date", "x"], ["connection", "close"]];

const response = async () => {
  const kind = int(14);
  if (kind === 0) return one(ODD)();
  if (kind === 1) return Response.error();
  if (kind === 2) return Response.json({ a: 1 }, { headers: { "cache-control": "max-age=60" } });
  if (kind === 3) return Response.redirect("https://example.com/r", 302);
  const status = one([200, 200, 200, 200, 203, 404, 204, 206, 301, 304, 410, 500]);
  const headers = [FIELDS[0], ...Array.from({ length: int(4) }, () => one(FIELDS))];
  const body = status === 204 || status === 304 ? null : one(BODIES)();
  const made = new (maybe(0.1) ? class extends Response {} : Response)(body, { status, headers, ...(maybe(0.2) ? { statusText: "Own" } : {}) });
  if (kind === 4 && made.body !== null && !made.body.locked) await made.text().catch(() => {});
  else if (kind === 5 && made.body !== null && !made.body.locked) made.body.getReader();
  else if (kind === 6 && made.body !== null && !made.body.locked) return made.clone();
  return made;
};

const query = () => options({ cacheName: () => one([undefined, undefined, "x"]), ignoreVary: () => one([undefined, undefined, undefined, false]), ignoreSearch: () => one([undefined, undefined, undefined, true]), ignoreMethod: () => one([true, false, 1, "", null, {}, undefined]) });

const CACHE = {
  put: async () => [request(), await response()],
  match: () => [request(), ...(maybe(0.4) ? [query()] : [])],
  delete: () => [request(), ...(maybe(0.4) ? [query()] : [])],
};

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// What is seen of a result.
const shown = async (result, depth = 0) => {
  if (result === undefined) return "undefined";
  if (typeof result === "number") return Object.is(result, -0) ? "-0" : String(result);
  if (typeof result !== "object" || result === null) return typeof result === "string" ? JSON.stringify(result) : String(result);
  if (result instanceof ArrayBuffer) return `ArrayBuffer ${hex(new Uint8Array(result))}`;
  if (result instanceof ReadableStream) {
    const held = await new Response(result).arrayBuffer();
    return `ReadableStream ${hex(new Uint8Array(held))}`;
  }
  if (result instanceof Response) {
    const { status, statusText, url, redirected, type: kind, bodyUsed, ok, webSocket } = result;
    const isNull = result.body === null;
    let frozen = "";
    try {
      result.headers.set("x", "y");
    } catch ({ name, message }) {
      frozen = `${name}: ${message}`;
    }
    const fields = [...result.headers].filter(([name]) => name !== "date" && name !== "transfer-encoding");
    const body = hex(new Uint8Array(await result.clone().arrayBuffer()));
    return JSON.stringify({ status, statusText, url, redirected, kind, bodyUsed, ok, webSocket, isNull, frozen, fields, body, cf: result.cf });
  }
  if (result instanceof Map) return `Map ${await shown([...result], depth)}`;
  const parts = [];
  for (const name of Reflect.ownKeys(result)) {
    if (depth < 5 && !(Array.isArray(result) && name === "length")) parts.push(`${String(name)}: ${await shown(result[name], depth + 1)}`);
  }
  return `${Object.getPrototypeOf(result)?.constructor?.name}${Object.isFrozen(result) ? " frozen" : ""} {${parts.join(", ")}}`;
};

const call = async (target, method, args) => {
  const owner = Object.getPrototypeOf(target);
  const receiver = NAMED(target);
  let way = "thrown";
  try {
    const promise = owner[method].call(receiver, ...args);
    way = promise instanceof Promise ? "rejected" : "value";
    return `fulfilled ${await shown(await promise)}`;
  } catch (error) {
    if (!(error instanceof Error)) return `${way} ${String(error)}`;
    return `${way} ${error.constructor.name} ${error.name}: ${error.message}`;
  }
};

const describe = (args) =>
  args.map((one) => {
    try {
      if (typeof one === "string") return JSON.stringify(one).slice(0, 60);
      if (one instanceof Request) return `Request ${one.method} ${one.url} ${JSON.stringify([...one.headers])} ${JSON.stringify(one.cf)}`;
      if (one instanceof Response) return `Response ${one.status} ${JSON.stringify([...one.headers])} ${one.body}`;
      if (one instanceof ReadableStream) return `ReadableStream ${kinds.get(one)}`;
      if (Array.isArray(one)) return `[${describe(one).slice(0, 6).join(", ")}]`;
      if (typeof one === "object" && one !== null) return `${one.constructor?.name} {${Object.keys(one)}}`;
      return String(one);
    } catch {
      return typeof one;
    }
  });

export default {
  async fetch(incoming, env) {
    const { area, seed, count } = await incoming.json();
    if (area === "shapes") return new Response(JSON.stringify(await shapes(env)));
    draw = sfc32(seed, 2, 3, area.length);
    for (let i = 0; i < 20; i++) draw();
    const lines = [];
    for (let i = 0; i < count; i++) {
      const makers = area === "kv" ? KV : CACHE;
      const method = one(Object.keys(makers));
      seen = [];
      let args;
      try {
        args = trim(await makers[method]());
      } catch (error) {
        lines.push(`not made: ${error}`);
        continue;
      }
      const told = `${method}(${describe(args).join(", ")})`;
      seen = [];
      const target = area === "kv" ? env.KV : maybe(0.8) ? caches.default : await caches.open(one(["a", "", "ю"]));
      const got = await call(target, method, args);
      lines.push(`${told} => ${seen.join(" ")} ${got} used ${args.map((x) => (x instanceof Response ? x.bodyUsed : x instanceof ReadableStream ? x.locked : "-"))}`);
    }
    return new Response(JSON.stringify(lines));
  },
};
