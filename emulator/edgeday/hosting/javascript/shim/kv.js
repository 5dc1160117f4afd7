// KV bindings. Keys, options and values are checked by the host; here values get the type that was asked for.

import { here } from "edgeday:errors";
import { currentInvocation, operate } from "edgeday:state";
import { asBytes, bytesToWire, fromWire, textToWire, wholeStream } from "edgeday:wire";

const encoder = new TextEncoder();

const readOptions = (options) => {
  const given = typeof options === "string" ? { type: options } : { ...options };
  const type = given.type ?? "text";
  return { type, sent: type === "json" ? { ...given, type: "text" } : given };
};

const valueOf = (sent, type) => {
  if (sent === null) return null;
  if (type === "json") return JSON.parse(sent.s);
  const value = fromWire(sent);
  if (type === "text") return value;
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return type === "arrayBuffer" ? bytes.buffer : new Response(bytes).body;
};

const valueToWire = async (value) => {
  if (typeof value === "string") return textToWire(value);
  const bytes = asBytes(value);
  if (bytes !== null) return bytesToWire(bytes);
  if (value instanceof ReadableStream) return bytesToWire(await wholeStream(value));
  throw new TypeError("KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.");
};

class KvNamespace {
  #binding;

  constructor(binding) {
    this.#binding = binding;
  }

  #operate(kind, ...args) {
    return operate(currentInvocation(), `kv.${kind}`, [this.#binding, ...args]);
  }

  async get(key, options) {
    const { type, sent } = readOptions(options);
    if (!Array.isArray(key)) return valueOf(await this.#operate("get", String(key), sent), type);
    const found = await this.#operate("getBulk", key.map(String), options === undefined ? {} : { ...sent, type });
    return new Map(Object.entries(found));
  }

  async getWithMetadata(key, options) {
    const { type, sent } = readOptions(options);
    if (Array.isArray(key)) {
      const found = await this.#operate("getBulkWithMetadata", key.map(String), options === undefined ? {} : { ...sent, type });
      return new Map(Object.entries(found));
    }
    const found = await this.#operate("getWithMetadata", String(key), sent);
    return { value: valueOf(found.value, type), metadata: found.metadata, cacheStatus: null };
  }

  async put(key, value, options) {
    const at = here(this.put);
    const args = [this.#binding, String(key), await valueToWire(value), options ?? {}];
    await operate(currentInvocation(), "kv.put", args, undefined, at);
  }

  async delete(key) {
    await this.#operate("delete", String(key));
  }

  async list(options) {
    return this.#operate("list", options ?? {});
  }
}

// What the runtime asks for a binding's value.
export default (env) => new KvNamespace(env.name);
