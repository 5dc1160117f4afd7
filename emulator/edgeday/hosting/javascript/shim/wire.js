// Bodies and responses as they travel: {b: body} for bytes.

import { asBody, bodyOf } from "edgeday:frames";
import { comesFrom, freeze } from "edgeday:immutable";
import { reasonOf } from "edgeday:state";
import { bytesWithHalves } from "edgeday:text";

export const bytesToWire = (bytes) => ({ b: asBody(bytes) });

// The bytes that were sent; null for none.
export const fromWire = (sent) => (sent === null || sent === undefined ? null : bodyOf(sent));

export const isBuffer = (value) =>
  ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;

// Its bytes as they are now.
const copyOf = (value) =>
  ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
    : new Uint8Array(value).slice();

export const isStream = (value) => value instanceof ReadableStream;

// Values of KV and bodies of cached responses, leaner: a short text as it is, {b: body} for bytes.

const SHORT = 512;
const encoder = new TextEncoder();

export const textToValue = (text) => {
  if (!text.isWellFormed()) return bytesToWire(bytesWithHalves(text));
  return text.length < SHORT ? text : bytesToWire(encoder.encode(text));
};

export const bytesToValue = bytesToWire;

export const bufferToValue = (value) => bytesToWire(copyOf(value));

const bytesOfChunk = (chunk) => {
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (isBuffer(chunk)) return copyOf(chunk);
  throw new TypeError("Draining read encountered a value that cannot be converted to bytes");
};

// All of a stream: of bytes, or of text, which the runtime takes too.
export const wholeStream = async (stream) => {
  const reader = stream.getReader();
  const chunks = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const bytes = bytesOfChunk(value);
      chunks.push(bytes);
      size += bytes.length;
    }
  } finally {
    if (chunks.length === 0) reader.releaseLock();
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const bytes of chunks) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
};

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

export const textOf = (value) => (typeof value === "string" ? value : lossy.decode(bodyOf(value)));

export const bytesOf = (value) => (typeof value === "string" ? encoder.encode(value) : bodyOf(value));

// The body of a request or response, read to its end.
export const bodyToWire = async (message) =>
  message.body === null ? null : bytesToWire(new Uint8Array(await message.arrayBuffer()));

// What a request is known by: URL, method, headers, cf.
export const headToWire = (request) =>
  request instanceof Request
    ? { url: request.url, method: request.method, headers: [...request.headers], cf: request.cf ?? null }
    : { url: String(request) };

export const hasType = (headers) => headers.some(([name]) => name.toLowerCase() === "content-type");

const WITHOUT_BODY = new Set([101, 204, 205, 304]);

// A body that ends with an error once a signal is aborted.
const abortable = (body, signal) => {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  let isOpen = true;
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      const stop = () => isOpen && controller.error(reasonOf(signal));
      signal.addEventListener("abort", stop, { once: true });
    },
    pull(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      isOpen = false;
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
};

// A response that came from a cache or the network. signal: what its body is aborted by.
export const responseFromWire = (sent, signal) => {
  const given = WITHOUT_BODY.has(sent.status) ? null : (fromWire(sent.body) ?? "");
  const body = signal && given !== null ? abortable(given, signal) : given;
  const { status, statusText, headers } = sent;
  const made = new Response(body, { status, headers, ...(statusText !== "" && { statusText }) });
  if (typeof body === "string" && !hasType(headers)) {
    made.headers.delete("content-type"); // `new Response` gave it one
  }
  if (sent.url !== undefined) comesFrom(made, sent.url, sent.redirected === true);
  freeze(made.headers);
  return made;
};
