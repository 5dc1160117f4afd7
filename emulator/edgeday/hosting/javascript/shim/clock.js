// Date, files, Intl and performance: the account's time, which stands still within a turn.

import { turn } from "edgeday:state";
import { checkThis, replaceClass, replaceMethod, standIn } from "edgeday:stand_ins";

const Native = Date;

const { toString } = Native.prototype;

replaceClass(
  "Date",
  (native, parts, of) => Reflect.construct(native, parts.length === 0 ? [turn.now] : parts, of),
  () => Reflect.apply(toString, new Native(turn.now), []),
);
replaceMethod(Date, "now", {
  now() {
    return turn.now;
  },
}.now);

replaceClass("File", (native, args, of) => {
  const made = Reflect.construct(native, args, of);
  if (args[2]?.lastModified !== undefined) return made;
  const [parts, name, options] = args;
  return Reflect.construct(native, [parts, name, { ...options, lastModified: turn.now }], of);
});

replaceMethod(Object.getPrototypeOf(performance), "now", {
  now() {
    checkThis(this, performance);
    return turn.now;
  },
}.now);

// Formats of dates, where none is given.
const formats = new WeakMap();
const { prototype } = Intl.DateTimeFormat;
const native = Object.getOwnPropertyDescriptor(prototype, "format").get;

const format = {
  get format() {
    const own = Reflect.apply(native, this, []);
    let made = formats.get(own);
    if (made === undefined) {
      made = standIn(own, (date) => own(date === undefined ? turn.now : date));
      formats.set(own, made);
    }
    return made;
  },
};
replaceMethod(prototype, "format", Object.getOwnPropertyDescriptor(format, "format").get);

const toParts = replaceMethod(prototype, "formatToParts", {
  formatToParts(date) {
    return Reflect.apply(toParts, this, [date === undefined ? turn.now : date]);
  },
}.formatToParts);
