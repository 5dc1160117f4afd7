// Bindings to services that are not emulated: a stub of the scenario's, or nothing but a refusal by name.

import { stackOf } from "edgeday:errors";
import "edgeday:fetching";
import { currentInvocation, invocationOrNull, out, platformError } from "edgeday:state";

const fetch = globalThis.fetch;
// What the language and libraries look for in any object, without using it.
const PASSIVE = new Set(["then", "toJSON", "constructor", "toString", "valueOf", "inspect", "$$typeof", "nodeType"]);

const refuse = (text) => {
  const error = platformError("Error", text);
  const invocation = invocationOrNull();
  if (invocation !== null) out.push({ t: "not-emulated", inv: invocation.number, text, stack: stackOf(error) });
  throw error;
};

const refused = (text) => {
  const no = (_, name) => (typeof name === "symbol" || PASSIVE.has(name) ? undefined : refuse(text));
  return new Proxy({}, { get: no });
};

const answered = (member, args) => {
  if (member.way === "origins") return fetch(...args);
  if (member.way === "throws") return Promise.reject(platformError(...member.error));
  const value = JSON.parse(member.text); // a new one each time
  return member.way === "resolves" ? Promise.resolve(value) : value;
};

const object = (stub, members, path) =>
  new Proxy(
    {},
    {
      get: (_, name) => {
        if (typeof name === "symbol") return undefined;
        const own = members();
        const member = Object.hasOwn(own, name) ? own[name] : undefined;
        if (member === undefined) {
          if (PASSIVE.has(name)) return undefined;
          return refuse(`the stub of ${stub.name} has no ${path}${name}; it has ${stub.known}`);
        }
        if (!member.called) return given(stub, member, `${path}${name}.`);
        return (...args) => {
          currentInvocation();
          return given(stub, member, `${path}${name}().`, args);
        };
      },
    },
  );

const given = (stub, member, path, args) =>
  member.way === undefined ? object(stub, () => member.members, path) : answered(member, args);

// What the runtime asks for a binding's value. Values of an invocation come with it.
export default ({ stub }) =>
  stub.refusal === undefined
    ? object(stub, () => invocationOrNull()?.stubs?.[stub.name]?.members ?? stub.members, "")
    : refused(stub.refusal);
