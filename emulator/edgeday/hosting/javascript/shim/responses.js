// The worker's responses. A body that lies ready goes out with its head; one that is written later goes out in parts, each
// when the host asks for it.

import { errorToWire } from "edgeday:errors";
import { isPlatformError, out } from "edgeday:state";
import { bytesToWire } from "edgeday:wire";

const READ_BYTES = 64 * 1024;
const MOST_AT_ONCE = 1024 * 1024; // of a stream that the worker writes, before its head goes out
const encoder = new TextEncoder();
const unsent = new Set();

const asChunk = (value) => {
  if (typeof value === "string") return encoder.encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(
    "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its " +
      "writable side.",
  );
};

const joined = (chunks) => {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
};

// Reads a body in as few steps as it allows.
const readerOf = (body) => {
  try {
    const reader = body.getReader({ mode: "byob" });
    let size = READ_BYTES;
    const read = async () => {
      const { value, done } = await reader.read(new Uint8Array(size));
      if (value !== undefined && value.length === size) size = Math.min(size * 4, 16 * READ_BYTES);
      return { value, done };
    };
    return { read, isNative: true, cancel: (reason) => reader.cancel(reason) };
  } catch {
    const reader = body.getReader();
    return { read: () => reader.read(), isNative: false, cancel: (reason) => reader.cancel(reason) };
  }
};

// Sends what a handler answered. Gives when its body is sent too, or given up.
export const send = async (response, invocation) => {
  const { status, statusText, headers, body } = response;
  const head = { t: "res", inv: invocation.number, status, statusText, headers: [...headers], live: false, body: null };
  if (response.bodyUsed) {
    throw new TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");
  }
  if (body === null) {
    out.push(head);
    return;
  }
  const reader = readerOf(body);
  const chunks = [];
  let isSent = false;
  const sendHead = (live) => {
    isSent = true;
    unsent.delete(sendLive);
    out.push({ ...head, live, body: live && chunks.length === 0 ? null : bytesToWire(joined(chunks.splice(0))) });
  };
  const sendLive = () => sendHead(true);
  unsent.add(sendLive);
  const over = Promise.withResolvers();
  let demand = Promise.withResolvers();
  invocation.body = {
    pull: () => demand.resolve(),
    cancel() {
      reader.cancel(new Error("The client disconnected.")).catch(() => {});
      over.resolve();
    },
  };
  const tell = async (message) => {
    await demand.promise;
    demand = Promise.withResolvers();
    out.push({ inv: invocation.number, ...message });
  };
  const readAll = async () => {
    let size = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const chunk = asChunk(value);
      if (isSent) {
        await tell({ t: "chunk", body: bytesToWire(chunk) });
        continue;
      }
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_AT_ONCE && !reader.isNative) sendLive();
    }
    if (isSent) await tell({ t: "closed" });
    else sendHead(false);
  };
  const fail = async (error) => {
    if (!isSent) sendLive();
    await tell({ t: "failed", platform: isPlatformError(error), ...errorToWire(error) });
  };
  readAll().catch(fail).then(over.resolve);
  await over.promise;
};

// Sends the heads of those whose bodies have not come to their end in this turn.
export const sendHeads = () => {
  for (const one of unsent) one();
};
