// Messages on the wire: JSON, and behind it the bodies, which are bytes. {b: n} in the JSON stands for the nth body.

import { out } from "edgeday:state";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NUMBER = 4;
let received = [];
let sent = [];

// Bytes in a message to the host.
class Body {
  #bytes;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  toJSON() {
    return sent.push(this.#bytes) - 1;
  }
}

export const asBody = (bytes) => new Body(bytes);

// The bytes of a body of the message that came last, alone in their buffer.
export const bodyOf = ({ b }) => received[b].slice();

let pieces = [];

// The whole of a message that comes in pieces, null until it is there.
const joined = (data, left) => {
  pieces.push(new Uint8Array(data, 2 * NUMBER));
  if (left > 0) return null;
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  pieces = [];
  return whole.buffer;
};

// A message of the host: text, or a binary one of the sizes of all parts, JSON and bodies. null for a piece of one that has
// more to come.
export const read = (data) => {
  if (typeof data === "string") return JSON.parse(data);
  const view = new DataView(data);
  const count = view.getUint32(0, true);
  if (count === 0) {
    const whole = joined(data, view.getUint32(NUMBER, true));
    return whole === null ? null : read(whole);
  }
  let at = NUMBER * (count + 1);
  const parts = [];
  for (let i = 1; i <= count; i++) {
    const size = view.getUint32(NUMBER * i, true);
    parts.push(new Uint8Array(data, at, size));
    at += size;
  }
  const [json, ...bodies] = parts;
  received = bodies;
  return JSON.parse(decoder.decode(json));
};

// Sends the host what the turn asks for.
export const send = (socket) => {
  sent = [];
  const json = JSON.stringify(out.splice(0));
  if (sent.length === 0) {
    socket.send(json);
    return;
  }
  const parts = [encoder.encode(json), ...sent];
  sent = [];
  let at = NUMBER * (parts.length + 1);
  const message = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, at));
  const view = new DataView(message.buffer);
  view.setUint32(0, parts.length, true);
  parts.forEach((part, i) => {
    view.setUint32(NUMBER * (i + 1), part.byteLength, true);
    message.set(part, at);
    at += part.byteLength;
  });
  socket.send(message);
};
