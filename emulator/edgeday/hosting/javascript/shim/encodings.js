// Which responses say that their body is compressed already (encodeBody: "manual"): the runtime shows it nowhere.

import { replaceClass, replaceMethod } from "edgeday:stand_ins";

const manual = new WeakSet();
const streamed = new WeakSet();

const saysManual = (init) => (init instanceof Response ? manual.has(init) : init.encodeBody === "manual");

replaceClass("Response", (native, args, of) => {
  const made = Reflect.construct(native, args, of);
  const [body, init] = args;
  if (body instanceof ReadableStream) streamed.add(made);
  if (init !== undefined && init !== null && saysManual(init)) manual.add(made);
  return made;
});

const clone = replaceMethod(Response.prototype, "clone", {
  clone(...args) {
    const copy = Reflect.apply(clone, this, args);
    for (const known of [manual, streamed]) if (known.has(this)) known.add(copy);
    return copy;
  },
}.clone);

const isGzip = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

// Whether the runtime leaves the body of a response as it is. A stream may be the body of another message, which it
// knows to be compressed; here its first bytes tell.
export const isCompressed = (response, bytes) => manual.has(response) || (streamed.has(response) && isGzip(bytes));
