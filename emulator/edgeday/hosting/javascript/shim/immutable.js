// What a request or a response has from outside of the worker: headers that cannot be changed, and where it came from.

import { replaceMethod } from "edgeday:stand_ins";

const immutable = new WeakSet();
const origins = new WeakMap();

export const freeze = (headers) => void immutable.add(headers);

// Whether a request is one that the worker was asked.
export const isFromOutside = (request) => immutable.has(request.headers);

for (const name of ["set", "append", "delete"]) {
  const native = replaceMethod(Headers.prototype, name, {
    method(...args) {
      if (immutable.has(this)) throw new TypeError("Can't modify immutable headers.");
      return Reflect.apply(native, this, args);
    },
  }.method);
}

const isInherited = (owner, name) => Object.getOwnPropertyDescriptor(owner, name) !== undefined;

for (const name of ["url", "redirected"]) {
  if (!isInherited(Response.prototype, name)) continue; // of old compatibility dates
  const stand = {
    get member() {
      const known = origins.get(this);
      return known === undefined ? Reflect.apply(native, this, []) : known[name];
    },
  };
  const native = replaceMethod(Response.prototype, name, Object.getOwnPropertyDescriptor(stand, "member").get);
}

// Says where a response came from.
export const comesFrom = (response, url, redirected) => {
  if (isInherited(Response.prototype, "url")) origins.set(response, { url, redirected });
  else for (const [name, value] of Object.entries({ url, redirected })) Object.defineProperty(response, name, { value });
};

for (const { prototype } of [Request, Response]) {
  const native = replaceMethod(prototype, "clone", {
    clone(...args) {
      const copy = Reflect.apply(native, this, args);
      if (immutable.has(this.headers)) freeze(copy.headers);
      const known = origins.get(this);
      if (known !== undefined) comesFrom(copy, known.url, known.redirected);
      return copy;
    },
  }.clone);
}
