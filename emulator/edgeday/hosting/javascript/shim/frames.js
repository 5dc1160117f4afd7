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

// A message of the host: text, or a binary one of the sizes of all parts, JSON and bodies.
export const read = (data) => {
  if (typeof data === "string") return JSON.parse(data);
  const view = new DataView(data);
  const count = view.getUint32(0, true);
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
