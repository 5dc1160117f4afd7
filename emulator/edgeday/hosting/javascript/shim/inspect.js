// Values as the runtime's own console writes them: the rules of Node's `util.inspect`, by which workerd goes too.
// Source: Node docs, util.inspect; compared with workerd 1.20261117.1, value by value.

import { stackOf } from "edgeday:errors";

const DEEPEST = 2;
const MOST = 100; // members of one value, and characters of a text within one: a hundred of these
const WIDTH = 80;
const LEVELS = 3; // of nested values that share a line
const NAME = /^[A-Za-z_$][\w$]*$/;

const quoted = (text) => {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : text.includes("`") || text.includes("${") ? "'" : "`";
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
};

const keyOf = (key) => (typeof key === "symbol" ? String(key) : NAME.test(key) ? key : quoted(key));

const nameOf = (value) => {
  for (let one = value; one !== null; one = Object.getPrototypeOf(one)) {
    const made = Object.getOwnPropertyDescriptor(one, "constructor")?.value;
    if (typeof made === "function" && made.name !== "" && value instanceof made) return made.name;
  }
  return null;
};

const ownStack = (error) =>
  stackOf(error)
    .split("\n")
    .filter((line) => !line.includes("edgeday:"))
    .join("\n") || String(error);

const ofFunction = (value) => {
  const source = Function.prototype.toString.call(value);
  if (/^class[\s{]/.test(source)) {
    const base = Object.getPrototypeOf(value).name;
    return `[class ${value.name || "(anonymous)"}${base ? ` extends ${base}` : ""}]`;
  }
  return `[${nameOf(value) ?? "Function"}${value.name ? `: ${value.name}` : " (anonymous)"}]`;
};

// What classes of the runtime show: what they read of themselves, as their objects have no members of their own. A body
// is left out: to look at it makes a stream of it.
const readable = (value) => {
  const read = new Map();
  for (let one = Object.getPrototypeOf(value); one !== null && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    if (!/\[native code\]/.test(Function.prototype.toString.call(one.constructor))) return [];
    for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(one))) {
      if (get !== undefined && key !== "body" && !read.has(key)) read.set(key, get.call(value));
    }
  }
  return [...read];
};

const PAIRED = [Map, Headers, URLSearchParams, FormData];

class Inspection {
  seen = [];
  circular = new Map();
  deepest = 0;
  indent = 0;

  of(value, depth = 0) {
    if (typeof value === "string") return quoted(value.slice(0, 100 * MOST));
    if (typeof value === "bigint") return `${value}n`;
    if (Object.is(value, -0)) return "-0";
    if (typeof value !== "object" && typeof value !== "function") return String(value);
    if (value === null) return "null";
    if (this.seen.includes(value)) {
      if (!this.circular.has(value)) this.circular.set(value, this.circular.size + 1);
      return `[Circular *${this.circular.get(value)}]`;
    }
    const text = this.members(value, depth);
    return this.circular.has(value) ? `<ref *${this.circular.get(value)}> ${text}` : text;
  }

  members(value, depth) {
    const name = nameOf(value);
    let prefix = name === "Object" ? "" : `${name ?? "[Object: null prototype]"} `;
    let base = "";
    let braces = ["{", "}"];
    let entries = () => [];
    let keys = Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
    const paired = PAIRED.find((one) => value instanceof one);
    if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      if (value instanceof DataView) keys = [];
      else {
        prefix = name === "Array" ? "" : `${name}(${value.length}) `;
        braces = ["[", "]"];
        entries = () => Array.from(value.slice(0, MOST), (one) => this.of(one, depth + 1));
        keys = keys.filter((key) => typeof key === "symbol" || !/^\d+$/.test(key));
      }
    } else if (value instanceof Set) {
      prefix = `${name}(${value.size}) `;
      entries = () => [...value].slice(0, MOST).map((one) => this.of(one, depth + 1));
    } else if (paired !== undefined) {
      const all = [...value];
      prefix = `${name}(${all.length}) `;
      entries = () => all.slice(0, MOST).map(([key, one]) => `${this.of(key, depth + 1)} => ${this.of(one, depth + 1)}`);
    } else if (typeof value === "function") {
      base = ofFunction(value);
      prefix = "";
    } else if (value instanceof Error) {
      base = ownStack(value);
      keys = keys.filter((key) => key !== "stack" && key !== "message");
      prefix = "";
    } else if (value instanceof Date) {
      base = Number.isNaN(+value) ? "Invalid Date" : value.toISOString();
      prefix = "";
    } else if (value instanceof RegExp) {
      base = String(value);
      prefix = "";
    } else if (value instanceof ArrayBuffer) {
      const bytes = new Uint8Array(value);
      const hex = Array.from(bytes.slice(0, 50), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
      entries = () => [`[Uint8Contents]: <${hex}>`, `byteLength: ${value.byteLength}`];
    }
    if (base !== "" && keys.length === 0) return base;
    if (depth > DEEPEST) return `[${Array.isArray(value) ? "Array" : (name ?? "Object: null prototype")}]`;
    const holds = braces[0] === "[" || paired !== undefined || value instanceof Set || value instanceof ArrayBuffer;
    const isBare = keys.length === 0 && base === "" && !holds;
    const found = isBare ? readable(value) : keys.map((key) => [key, undefined]);
    this.seen.push(value);
    this.deepest = depth;
    this.indent += 2;
    const shown = entries();
    for (const [key, read] of found.slice(0, MOST)) {
      shown.push(`${keyOf(key)}: ${isBare ? this.of(read, depth + 1) : this.own(value, key, depth + 1)}`);
    }
    this.indent -= 2;
    this.seen.pop();
    const count = value.length ?? value.size;
    if (braces[0] === "[" && count > MOST) shown.splice(MOST, 0, `... ${count - MOST} more item${count - MOST > 1 ? "s" : ""}`);
    return this.joined(`${base}${base ? " " : ""}${prefix}${braces[0]}`, shown, braces[1], depth);
  }

  // A member of its own; a getter is not called.
  own(value, key, depth) {
    const { get, set, value: held } = Object.getOwnPropertyDescriptor(value, key);
    if (get === undefined && set === undefined) return this.of(held, depth);
    return get === undefined ? "[Setter]" : set === undefined ? "[Getter]" : "[Getter/Setter]";
  }

  // All on one line, where that is short and not too deep; else each on its own.
  joined(open, shown, close, depth) {
    if (shown.length === 0) return `${open}${close}`;
    const line = shown.join(", ");
    const length = line.length + shown.length + this.indent + open.length + 10;
    if (this.deepest - depth < LEVELS && length <= WIDTH && !line.includes("\n") && !open.includes("\n")) {
      return `${open} ${line} ${close}`;
    }
    const start = `\n${" ".repeat(this.indent + 2)}`;
    return `${open}${start}${shown.join(`,${start}`)}\n${" ".repeat(this.indent)}${close}`;
  }
}

const inspect = (value) => {
  try {
    return new Inspection().of(value);
  } catch {
    return "[Object]"; // its members throw
  }
};

const FORMATS = {
  s: (value) => (typeof value === "string" ? value : inspect(value)),
  d: (value) => (typeof value === "bigint" ? `${value}n` : typeof value === "object" ? "NaN" : String(Number(value))),
  i: (value) => (typeof value === "bigint" ? `${value}n` : typeof value === "object" ? "NaN" : String(Number.parseInt(value, 10))),
  f: (value) => String(Number.parseFloat(value)),
  j: (value) => {
    try {
      return String(JSON.stringify(value));
    } catch {
      return "[Circular]";
    }
  },
  o: inspect,
  O: inspect,
  c: () => "",
};

// One line of the console. A first text may say where the values after it go.
export const lineOf = (values) => {
  let rest = values;
  let text = "";
  if (typeof values[0] === "string" && values.length > 1) {
    let used = 1;
    text = values[0].replace(/%([sdifjoOc%])/g, (whole, kind) => {
      if (kind === "%") return "%";
      return used < values.length ? FORMATS[kind](values[used++]) : whole;
    });
    rest = values.slice(used);
    if (rest.length > 0) text += " ";
  }
  return text + rest.map((value) => (typeof value === "string" ? value : inspect(value))).join(" ");
};
