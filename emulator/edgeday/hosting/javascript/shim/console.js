// console: what a handler writes is the host's to show.

import { stackOf } from "edgeday:errors";
import { invocationOrNull, out } from "edgeday:state";

const DEEPEST = 4;
const MOST = 100; // members of one value, and characters of a text within one: a thousand of these
// Characters that are shown of one invocation; in production its log is cut off after 256 KB.
const MOST_WRITTEN = 256 * 1024;

const ownStack = (error) =>
  stackOf(error)
    .split("\n")
    .filter((line) => !line.includes("edgeday:"))
    .join("\n") || String(error);

const isPlain = (value) => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

const listed = (open, parts, close) => {
  const more = parts.length > MOST ? [`... ${parts.length - MOST} more`] : [];
  const shown = [...parts.slice(0, MOST), ...more].join(", ");
  return shown === "" ? `${open}${close}` : `${open} ${shown} ${close}`;
};

const pairs = (entries, between, depth, seen) =>
  [...entries].map(([key, value]) => `${between === ": " ? key : within(key, depth, seen)}${between}${within(value, depth, seen)}`);

const withMembers = (value, depth, seen) => {
  if (seen.includes(value)) return "[Circular]";
  if (depth > DEEPEST) return Array.isArray(value) ? "[Array]" : "[Object]";
  const inside = [...seen, value];
  const name = isPlain(value) ? "" : `${value.constructor?.name ?? "Object"} `;
  if (Array.isArray(value)) return listed("[", value.map((one) => within(one, depth + 1, inside)), "]");
  if (value instanceof Map) return listed("Map {", pairs(value, " => ", depth + 1, inside), "}");
  if (value instanceof Set) return listed("Set {", [...value].map((one) => within(one, depth + 1, inside)), "}");
  if (value instanceof Headers) return listed("Headers {", pairs(value, ": ", depth + 1, inside), "}");
  return listed(`${name}{`, pairs(Object.entries(value), ": ", depth + 1, inside), "}");
};

const within = (value, depth, seen) => {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 1000 * MOST));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[Function ${value.name || "(anonymous)"}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return ownStack(value);
  if (value instanceof Date) return Number.isNaN(+value) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  return withMembers(value, depth, seen);
};

const shown = (value) => {
  if (typeof value === "string") return value;
  try {
    return within(value, 0, []);
  } catch {
    return "[Object]"; // its members throw
  }
};

const write = (invocation, level, values) => {
  const left = MOST_WRITTEN - (invocation.written ?? 0);
  if (left < 0) return;
  const text = values.map(shown).join(" ");
  invocation.written = MOST_WRITTEN - left + text.length + 1;
  const sent = text.length < left ? text : `${text.slice(0, left)} ...`;
  out.push({ t: "log", inv: invocation.number, level, text: sent.toWellFormed() });
};

for (const level of ["debug", "error", "info", "log", "trace", "warn"]) {
  const native = console[level].bind(console);
  console[level] = (...values) => {
    const invocation = invocationOrNull();
    if (invocation === null) native(...values);
    else write(invocation, level, values);
  };
}
