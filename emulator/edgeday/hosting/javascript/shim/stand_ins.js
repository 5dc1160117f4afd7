// Functions in the place of the runtime's own, which a worker cannot tell from them: same name, length, property
// attributes and source text.

const natives = new WeakMap();

// What stands in for a function of the runtime. It checks `this` as that does: a global's may be left out.
export const standIn = (native, replacement) => {
  for (const name of ["name", "length"]) Object.defineProperty(replacement, name, Object.getOwnPropertyDescriptor(native, name));
  natives.set(replacement, native);
  return replacement;
};

// Puts one in the place of a method. It is written as a method too, which cannot be constructed.
export const replaceMethod = (owner, name, replacement) => {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const key = own.value === undefined ? "get" : "value";
  Object.defineProperty(owner, name, { ...own, [key]: standIn(own[key], replacement) });
  return own[key];
};

// Puts one in the place of a class. make: makes an object, of the arguments and the class that `new` was given.
// call: what comes of it without `new`.
export const replaceClass = (name, make, call) => {
  const owner = ownerOf(name);
  const native = owner[name];
  const stand = function (...args) {
    return new.target === undefined ? (call ?? native)(...args) : make(native, args, new.target);
  };
  for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(native))) Object.defineProperty(stand, key, own);
  for (const [of, key] of [[owner, name], [native.prototype, "constructor"]]) {
    Object.defineProperty(of, key, { ...Object.getOwnPropertyDescriptor(of, key), value: stand });
  }
  natives.set(stand, native);
};

// The object that a global's property is on: the global object, or its prototype.
export const ownerOf = (name, from = globalThis) => {
  let owner = from;
  while (!Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner;
};

export const ILLEGAL =
  "Illegal invocation: function called with incorrect `this` reference. See " +
  "https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";

export const checkThis = (value, owner) => {
  if (value !== owner && !(owner === globalThis && (value === undefined || value === null))) throw new TypeError(ILLEGAL);
};

const nativeToString = replaceMethod(Function.prototype, "toString", {
  toString() {
    return Reflect.apply(nativeToString, natives.get(this) ?? this, []);
  },
}.toString);
