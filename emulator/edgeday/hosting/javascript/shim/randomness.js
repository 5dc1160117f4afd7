// Math.random and crypto: drawn from what the host seeds each invocation with. The runtime's own functions come first: they
// check what they are given.

import { currentInvocation, invocationOrNull } from "edgeday:state";
import { replaceMethod } from "edgeday:stand_ins";

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

const globalScope = generator([1, 2, 3, 4]);

replaceMethod(Math, "random", {
  random() {
    const draw = invocationOrNull()?.draw ?? globalScope;
    return (draw() * 2097152 + (draw() >>> 11)) / 9007199254740992;
  },
}.random);

const fill = (bytes) => {
  const { draw } = currentInvocation();
  for (let i = 0; i < bytes.length; i++) bytes[i] = draw() & 255;
  return bytes;
};

const nativeValues = replaceMethod(Crypto.prototype, "getRandomValues", {
  getRandomValues(...args) {
    const array = Reflect.apply(nativeValues, this, args);
    fill(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return array;
  },
}.getRandomValues);

const nativeUuid = replaceMethod(Crypto.prototype, "randomUUID", {
  randomUUID(...args) {
    Reflect.apply(nativeUuid, this, args);
    const invocation = currentInvocation();
    return invocation.uuids.shift() ?? uuid(invocation.draw);
  },
}.randomUUID);

const uuid = (draw) => {
  const h = [0, 0, 0, 0].map(() => draw().toString(16).padStart(8, "0")).join("");
  const variant = "89ab"[parseInt(h[16], 16) & 3];
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
};

// Keys of AES and HMAC are drawn too. Those of a pair stay the runtime's own.
const nativeGenerate = replaceMethod(SubtleCrypto.prototype, "generateKey", {
  async generateKey(...args) {
    const made = await Reflect.apply(nativeGenerate, this, args);
    if (!(made instanceof CryptoKey)) return made;
    const { length } = made.algorithm;
    const bytes = fill(new Uint8Array(Math.ceil(length / 8)));
    return this.importKey("raw", bytes, made.algorithm, made.extractable, made.usages);
  },
}.generateKey);
