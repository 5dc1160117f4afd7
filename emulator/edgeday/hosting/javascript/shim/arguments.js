// Arguments as the runtime converts and refuses them, and the way a stand-in takes the place of a method of its classes.
// Source: workerd 1.20261117.1, compared argument by argument.

import { here, stackOf } from "edgeday:errors";
import { ILLEGAL, replaceMethod } from "edgeday:stand_ins";
import { asPlatformError, invocationOrNull, out, platformError } from "edgeday:state";

export const typeError = (message) => platformError("TypeError", message);

export const illegalInvocation = () => typeError(ILLEGAL);

export const notOfType = (method, owner, position, wanted) =>
  typeError(`Failed to execute '${method}' on '${owner}': parameter ${position} is not of type '${wanted}'.`);

// A method that settles with what it throws, as those that return promises do.
export const rejected = (error) => Promise.reject(error instanceof Error ? asPlatformError(error) : error);

// The same for a call to KV or a cache, of which the host is told. kind: "kv.put". given: what was asked for.
export const refused = (kind, given, error) => {
  const invocation = invocationOrNull();
  if (invocation !== null && error instanceof Error) {
    const key = typeof given === "string" ? given : given instanceof Request ? given.url : "";
    out.push({ t: "refused", inv: invocation.number, k: kind, key, text: error.message, stack: stackOf(here(refused)) });
  }
  return rejected(error);
};

export const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

const LEAST = -2147483648;
const MOST = 2147483647;

// A number of 32 bits: fractions are cut, what is no number is 0.
export const int32 = (value) => {
  const given = +value;
  if (!Number.isFinite(given)) return 0;
  const number = Math.trunc(given);
  if (number < LEAST || number > MOST) {
    throw typeError(`Value out of range. Must be between ${LEAST} and ${MOST} (inclusive).`);
  }
  return number;
};

// Puts methods in the place of a class's own, as visible as those.
export const install = (owner, methods) => {
  for (const [name, value] of Object.entries(methods)) {
    if (Object.hasOwn(owner, name)) replaceMethod(owner, name, value);
    else Object.defineProperty(owner, name, { value, writable: true, enumerable: true, configurable: true });
  }
};
