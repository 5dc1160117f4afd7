// Math.random and crypto: drawn from what the host seeds each invocation with.

import { currentInvocation, replace, turn } from "edgeday:state";

// sfc32, a small generator of 32-bit numbers. Source: PractRand, public domain.
const sfc32 = (a, b, c, d) => () => {
  const sum = (((a + b) | 0) + d) | 0;
  d = (d + 1) | 0;
  a = b ^ (b >>> 9);
  b = (c + (c << 3)) | 0;
  c = ((c << 21) | (c >>> 11)) + sum | 0;
  return sum >>> 0;
};
const WARM_UP = 12;

export const generator = (seed) => {
  const draw = sfc32(...seed);
  for (let i = 0; i < WARM_UP; i++) draw();
  return draw;
};

const moduleScope = generator([1, 2, 3, 4]);

Math.random = () => {
  const draw = turn.invocation?.draw ?? moduleScope;
  return (draw() * 2097152 + (draw() >>> 11)) / 9007199254740992;
};

replace(crypto, "getRandomValues", (array) => {
  const { draw } = currentInvocation();
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = draw() & 255;
  return array;
});

replace(crypto, "randomUUID", () => {
  const invocation = currentInvocation();
  return invocation.uuids.shift() ?? uuid(invocation.draw);
});

const uuid = (draw) => {
  const h = [0, 0, 0, 0].map(() => draw().toString(16).padStart(8, "0")).join("");
  const variant = "89ab"[parseInt(h[16], 16) & 3];
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
};
