// KV bindings: objects of the runtime's own class, whose methods convert their arguments as its do and ask the host.
// Source: workerd 1.20261117.1, api/kv.c++.

import { illegalInvocation, install, int32, isObject, notOfType, refused, typeError } from "edgeday:arguments";
import { here } from "edgeday:errors";
import { currentInvocation, operate, platformError } from "edgeday:state";
import { wellFormed } from "edgeday:text";
import { bufferToValue, bytesOf, bytesToValue, isBuffer, isStream, textOf, textToValue, wholeStream } from "edgeday:wire";

const KEY_BYTES = 512;
const encoder = new TextEncoder();
const names = new WeakMap();

const nameOf = (binding) => {
  const name = names.get(binding);
  if (name === undefined) throw illegalInvocation();
  return name;
};

const checkKey = (method, key) => {
  if (key === "") throw typeError("Key name cannot be empty.");
  if (key === "." || key === "..") throw typeError(`"${key}" is not allowed as a key name.`);
  if (key.length * 3 <= KEY_BYTES) return;
  const { length } = encoder.encode(key);
  if (length <= KEY_BYTES) return;
  const reason = `UTF-8 encoded length of ${length} exceeds key length limit of ${KEY_BYTES}.`;
  throw platformError("Error", `KV ${method} failed: 414 ${reason}`);
};

// Names of members that are no options: the host reports them.
const unknownIn = (options, known) => {
  let unknown;
  for (const name of Object.keys(options)) if (!known.has(name)) (unknown ??= []).push(wellFormed(name));
  return unknown ?? null;
};

// Values by the type that was asked for, which is looked at only once there is a value.
const DECODERS = {
  __proto__: null,
  text: textOf,
  json: (value) => JSON.parse(textOf(value)),
  arrayBuffer: (value) => bytesOf(value).buffer,
  stream: (value) => new Response(bytesOf(value)).body,
};

const unknownType = () => {
  throw typeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
};

const decoderOf = (type, made) => {
  const decode = DECODERS[type] ?? unknownType;
  return (found) => (found === null ? made(null, null) : made(decode(found[0]), found[1]));
};

const alone = (value) => value;
const beside = (value, metadata) => ({ value, metadata, cacheStatus: null });
const plain = { get: decoderOf("text", alone), getWithMetadata: decoderOf("text", beside) };
const asMap = (found) => new Map(Object.entries(found));

const READ_OPTIONS = new Set(["type", "cacheTtl"]);

const read = (op, binding, given, count, options) => {
  const name = nameOf(binding);
  if (count === 0) throw notOfType(op, "KvNamespace", 1, op === "get" ? "string or Array" : "Array or string");
  const key = Array.isArray(given) ? Array.from({ length: given.length }, (_, i) => `${given[i]}`) : `${given}`;
  let type = null;
  let cacheTtl = null;
  let unknown = null;
  if (typeof options === "string") type = options;
  else if (options === undefined || options === null) type = null;
  else if (isObject(options)) {
    const { type: kind } = options;
    if (kind !== undefined) type = `${kind}`;
    const { cacheTtl: ttl } = options;
    if (ttl !== undefined) cacheTtl = int32(ttl);
    unknown = unknownIn(options, READ_OPTIONS);
  } else type = `${options}`;
  const invocation = currentInvocation();
  if (op === "getWithMetadata" && typeof key === "string") checkKey("GET", key); // thrown, where others reject
  try {
    if (typeof key === "object") {
      const kind = type === null ? null : wellFormed(type);
      return operate(invocation, "kv.bulk", [name, op, key.map(wellFormed), kind, cacheTtl, unknown], null, undefined, asMap);
    }
    checkKey("GET", key);
    const made = wellFormed(key);
    const decode = type === null ? plain[op] : decoderOf(type, op === "get" ? alone : beside);
    return operate(invocation, "kv.get", [name, op, made, made !== key, cacheTtl, unknown], null, undefined, decode);
  } catch (error) {
    return refused(`kv.${op}`, key, error);
  }
};

const PUT_OPTIONS = new Set(["expiration", "expirationTtl", "metadata"]);
const WRONG_VALUE = "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.";

const put = (binding, given, value, options, count) => {
  const name = nameOf(binding);
  try {
    if (count === 0) throw notOfType("put", "KvNamespace", 1, "string");
    const key = `${given}`;
    if (count === 1) throw notOfType("put", "KvNamespace", 2, "string or Object");
    const body = isObject(value) ? value : `${value}`;
    let expiration = null;
    let ttl = null;
    let metadata = null;
    let unknown = null;
    if (options !== undefined && options !== null) {
      if (!isObject(options)) throw notOfType("put", "KvNamespace", 3, "PutOptions");
      const { expiration: at } = options;
      if (at !== undefined) expiration = int32(at);
      const { expirationTtl } = options;
      if (expirationTtl !== undefined) ttl = int32(expirationTtl);
      ({ metadata } = options);
      unknown = unknownIn(options, PUT_OPTIONS);
    }
    checkKey("PUT", key);
    const json = metadata === undefined || metadata === null ? null : (JSON.stringify(metadata) ?? null);
    const invocation = currentInvocation();
    const made = wellFormed(key);
    const at = here(METHODS.put);
    const ask = (sent) =>
      operate(invocation, "kv.put", [name, made, made !== key, sent, expiration, ttl, json, unknown], null, at, nothing);
    if (typeof body === "string") return ask(textToValue(body));
    if (isBuffer(body)) return ask(bufferToValue(body));
    if (isStream(body)) {
      if (body.locked) throw typeError("The ReadableStream has been locked to a reader.");
      return wholeStream(body).then((bytes) => ask(bytesToValue(bytes)));
    }
    `${body}`; // the runtime asks for its text too, before it refuses it
    throw typeError(WRONG_VALUE);
  } catch (error) {
    return refused("kv.put", given, error);
  }
};

const remove = (binding, given, count) => {
  const name = nameOf(binding);
  try {
    if (count === 0) throw notOfType("delete", "KvNamespace", 1, "string");
    const key = `${given}`;
    checkKey("DELETE", key);
    const made = wellFormed(key);
    return operate(currentInvocation(), "kv.delete", [name, made, made !== key], null, undefined, nothing);
  } catch (error) {
    return refused("kv.delete", given, error);
  }
};

const LIST_OPTIONS = new Set(["prefix", "limit", "cursor"]);

const list = (binding, options) => {
  const name = nameOf(binding);
  try {
    let limit = 0;
    let prefix;
    let cursor;
    let unknown = null;
    if (options !== undefined && options !== null) {
      if (!isObject(options)) throw notOfType("list", "KvNamespace", 1, "ListOptions");
      const { limit: count } = options;
      if (count !== undefined) limit = int32(count);
      prefix = textOrNull(options.prefix);
      cursor = textOrNull(options.cursor);
      unknown = unknownIn(options, LIST_OPTIONS);
    }
    return operate(currentInvocation(), "kv.list", [name, limit, prefix ?? "", cursor ?? null, unknown]);
  } catch (error) {
    return refused("kv.list", "", error);
  }
};

const textOrNull = (value) => (value === undefined || value === null ? null : wellFormed(`${value}`));
const nothing = () => undefined;

const METHODS = {
  get(key, options) {
    return read("get", this, key, arguments.length, options);
  },
  list(options) {
    return list(this, options);
  },
  put(key, value, options) {
    return put(this, key, value, options, arguments.length);
  },
  getWithMetadata(key, options) {
    return read("getWithMetadata", this, key, arguments.length, options);
  },
  delete(key) {
    return remove(this, key, arguments.length);
  },
};

let installed = false;

// What the runtime asks for a binding's value.
export default ({ name, native }) => {
  if (!installed) install(Object.getPrototypeOf(native), METHODS);
  installed = true;
  names.set(native, name);
  return native;
};
