// Bytes and messages as they travel: {s: text} for UTF-8, {b: base64} for other bytes.

import { bytesWithHalves } from "edgeday:text";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BLOCK = 8192;

const toBase64 = (bytes) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += BLOCK) text += String.fromCharCode(...bytes.subarray(at, at + BLOCK));
  return btoa(text);
};

const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export const bytesToWire = (bytes) => {
  try {
    return { s: decoder.decode(bytes) };
  } catch {
    return { b: toBase64(bytes) };
  }
};

export const textToWire = (text) => ({ s: text.toWellFormed() });

// The text or the bytes that were sent; null for none.
export const fromWire = (sent) => {
  if (sent === null || sent === undefined) return null;
  return sent.s !== undefined ? sent.s : fromBase64(sent.b);
};

export const isBuffer = (value) =>
  ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;

const viewOf = (value) => {
  const view = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  return view.buffer instanceof SharedArrayBuffer ? view.slice() : view; // a decoder takes no shared one
};

export const isStream = (value) => value instanceof ReadableStream;

// Values of KV and bodies of cached responses, leaner: a text as it is, {b: base64} for other bytes.

const encoder = new TextEncoder();

export const textToValue = (text) => (text.isWellFormed() ? text : { b: toBase64(bytesWithHalves(text)) });

export const bytesToValue = (bytes) => {
  try {
    return decoder.decode(bytes);
  } catch {
    return { b: toBase64(bytes) };
  }
};

export const bufferToValue = (value) => bytesToValue(viewOf(value));

export const streamToValue = async (stream) => bytesToValue(new Uint8Array(await new Response(stream).arrayBuffer()));

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

export const textOf = (value) => (typeof value === "string" ? value : lossy.decode(fromBase64(value.b)));

export const bytesOf = (value) => (typeof value === "string" ? encoder.encode(value) : fromBase64(value.b));

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
