// What KV bindings and caches look like, a line for each thing that is looked at.

const descriptors = (owner) =>
  Reflect.ownKeys(owner)
    .filter((name) => typeof name === "string" || name === Symbol.toStringTag)
    .map((name) => {
      const { value, get, ...flags } = Object.getOwnPropertyDescriptor(owner, name);
      const held = typeof value === "function" ? `${value.name}(${value.length})` : String(get ?? value);
      return `${String(name)} ${held} ${JSON.stringify(flags)}`;
    });

const inOrder = (object) => {
  const names = [];
  for (const name in object) names.push(name);
  return names;
};

const tried = async (work) => {
  try {
    const made = work();
    try {
      return `fulfilled ${String(await made)}`;
    } catch ({ name, message }) {
      return `rejected ${name}: ${message}`;
    }
  } catch ({ name, message }) {
    return `thrown ${name}: ${message}`;
  }
};

const ofClass = async (object) => {
  const made = object.constructor;
  const prototype = Object.getPrototypeOf(object);
  return [
    made.name,
    made.length,
    descriptors(prototype),
    descriptors(object),
    inOrder(object),
    Object.prototype.toString.call(object),
    `${object}`,
    JSON.stringify(object),
    object instanceof made,
    prototype.constructor === made,
    Object.getPrototypeOf(prototype) === Object.prototype,
    Object.isExtensible(object),
    await tried(() => new made()),
    await tried(() => made()),
    await tried(() => structuredClone(object)),
    await tried(() => new (class extends made {})()),
  ];
};

const calls = (object, args) =>
  Promise.all(
    Object.keys(Object.getPrototypeOf(object)).flatMap((name) => {
      const method = object[name];
      return [
        tried(() => method(...args)),
        tried(() => method.call({}, ...args)),
        tried(() => Reflect.apply(method, Object.create(object), args)),
        tried(() => Reflect.apply(method, new Proxy(object, {}), args)),
        tried(() => new method(...args)),
        `${name} ${method} ${descriptors(method)} ${method.prototype} ${Object.getPrototypeOf(method) === Function.prototype}`,
      ];
    }),
  );

export const shapes = async (env) => {
  const cache = caches.default;
  const found = [];
  for (const object of [env.KV, cache, caches]) found.push(await ofClass(object), await calls(object, ["https://example.com/"]));
  const { name } = await caches.open("named");
  found.push(
    JSON.stringify(env),
    Object.keys(env),
    JSON.stringify(Object.getOwnPropertyDescriptor(env, "KV")),
    JSON.stringify(Object.getOwnPropertyDescriptor(globalThis, "caches")),
    [typeof KvNamespace, typeof Cache, typeof CacheStorage],
    Object.getPrototypeOf(cache) === Cache.prototype,
    Object.getPrototypeOf(caches) === CacheStorage.prototype,
    (await caches.open("named")) === (await caches.open("named")),
    (await caches.open("named")) instanceof Cache,
    name,
    caches.default === cache,
    Object.keys(caches),
    await tried(() => caches.open()),
    await tried(() => caches.open(Symbol("s"))),
    await tried(() => caches.open("x".repeat(1023))),
    await tried(() => caches.open("x".repeat(1024))),
    await tried(() => caches.open("ю".repeat(512))),
    await tried(() => caches.open({ toString: () => { throw new RangeError("name"); } })),
    await tried(() => caches.open.call({}, "x")),
    await tried(() => env.KV.put("key")),
    await tried(() => env.KV.put()),
  );
  const changed = new Uint8Array([1, 2, 3]);
  const promise = env.KV.put("changed", changed);
  changed[0] = 9;
  await promise;
  const buffer = await env.KV.get("changed", "arrayBuffer");
  const again = await env.KV.get("changed", "arrayBuffer");
  const stream = await env.KV.get("changed", "stream");
  const { readable } = new IdentityTransformStream();
  found.push(
    new Uint8Array(buffer),
    [buffer === again, buffer.byteLength, Object.prototype.toString.call(buffer), buffer.resizable],
    [stream.locked, Object.prototype.toString.call(stream), stream.constructor === readable.constructor],
    [typeof (await stream.getReader({ mode: "byob" }).read(new Uint8Array(2))).value],
  );
  const { env: imported } = await import("cloudflare:workers");
  found.push(imported.KV === env.KV, imported === env, await tried(() => imported.KV.get("changed")), Object.keys(imported));
  class Own extends Response {
    more() {
      return this.status;
    }
  }
  const own = new Own("x", { status: 201 });
  found.push(
    [Response.name, Response.length, `${Response}`, Object.keys(Response), Response.prototype.constructor === Response],
    descriptors(Response).filter((line) => !line.startsWith("prototype ")),
    [own.more(), own instanceof Response, own.constructor === Own, Object.getPrototypeOf(Own) === Response],
    [Response.json(1) instanceof Response, Response.error().type, Reflect.construct(Response, ["x"], Own) instanceof Own],
    await tried(() => Response("x")),
    await tried(() => new Response("x", { get encodeBody() { throw new RangeError("encodeBody"); } })),
    await tried(() => new Response("x", 5)),
    await tried(() => new Response("x", "y")),
    await tried(() => new Response("x", null)),
    await tried(() => Response.prototype.clone.call({})),
    await tried(() => new Response("x").clone.length),
    JSON.stringify(Object.getOwnPropertyDescriptor(globalThis, "Response")),
  );
  const lists = [await env.KV.list(), await env.KV.list()];
  found.push(lists[0] === lists[1], lists[0].keys === lists[1].keys, Object.keys(lists[0]), Object.isFrozen(lists[0].keys));
  return found.flat(3).map(String);
};
