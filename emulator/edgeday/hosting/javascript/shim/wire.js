// Bytes and messages as they travel: {s: text}, or {b: body} for bytes.

import { asBody, bodyOf } from "edgeday:frames";
import { bytesWithHalves } from "edgeday:text";

export const bytesToWire = (bytes) => ({ b: asBody(bytes) });

export const textToWire = (text) => ({ s: text.toWellFormed() });

// The text or the bytes that were sent; null for none.
export const fromWire = (sent) => {
  if (sent === null || sent === undefined) return null;
  return sent.s !== undefined ? sent.s : bodyOf(sent);
};

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

export const streamToValue = async (stream) => bytesToWire(new Uint8Array(await new Response(stream).arrayBuffer()));

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

const refuse = () => {
  throw new TypeError("Can't modify immutable headers.");
};

export const freezeHeaders = (headers) => {
  for (const name of ["set", "append", "delete"]) Object.defineProperty(headers, name, { value: refuse });
};

const WITHOUT_BODY = new Set([101, 204, 205, 304]);

// A response that came from a cache or the network.
export const responseFromWire = (sent) => {
  const body = WITHOUT_BODY.has(sent.status) ? null : fromWire(sent.body);
  const made = new Response(body, { status: sent.status, statusText: sent.statusText, headers: sent.headers });
  if (typeof body === "string" && !sent.headers.some(([name]) => name.toLowerCase() === "content-type")) {
    made.headers.delete("content-type"); // `new Response` gave it one
  }
  if (sent.url !== undefined) Object.defineProperty(made, "url", { value: sent.url });
  if (sent.redirected) Object.defineProperty(made, "redirected", { value: true });
  freezeHeaders(made.headers);
  return made;
};
