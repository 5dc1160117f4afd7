// Math.random and crypto: drawn from what the host seeds each invocation with. The runtime's own functions come first: they
// check what they are given.

import { drawn } from "edgeday:key_pairs";
import { fill, fraction, generator, uuid } from "edgeday:mersenne";
import { currentInvocation, invocationOrNull } from "edgeday:state";
import { replaceMethod } from "edgeday:stand_ins";

const globalScope = generator("1");

replaceMethod(Math, "random", {
  random() {
    return fraction(invocationOrNull()?.draw ?? globalScope);
  },
}.random);

const nativeValues = replaceMethod(Crypto.prototype, "getRandomValues", {
  getRandomValues(...args) {
    const array = Reflect.apply(nativeValues, this, args);
    fill(currentInvocation().draw, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return array;
  },
}.getRandomValues);

const nativeUuid = replaceMethod(Crypto.prototype, "randomUUID", {
  randomUUID(...args) {
    Reflect.apply(nativeUuid, this, args);
    return uuid(currentInvocation().draw);
  },
}.randomUUID);

const nativeGenerate = replaceMethod(SubtleCrypto.prototype, "generateKey", {
  async generateKey(...args) {
    const made = await Reflect.apply(nativeGenerate, this, args);
    return drawn(this, made, currentInvocation().draw);
  },
}.generateKey);
