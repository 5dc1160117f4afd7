// Keys from drawn bytes: secret ones, and pairs on curves. Those of RSA are searched for, and stay the runtime's own.

import { fill } from "edgeday:mersenne";

// What stands before a private key in PKCS #8, by curve. Source: RFC 5208, RFC 5915, RFC 8410.
const BEFORE = {
  "P-256": "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
  "P-384": "304e020100301006072a8648ce3d020106052b81040022043730350201010430",
  "P-521": "3060020100301006072a8648ce3d020106052b81040023044930470201010442",
  Ed25519: "302e020100300506032b657004220420",
  X25519: "302e020100300506032b656e04220420",
};
const BYTES = { "P-256": 32, "P-384": 48, "P-521": 66, Ed25519: 32, X25519: 32 };
// The highest byte of a private key is kept so low that the number is below the order of its curve.
const HIGHEST = { "P-256": 0x7f, "P-384": 0x7f, "P-521": 0 };

const { importKey, exportKey } = SubtleCrypto.prototype;
const asImported = (subtle, ...args) => Reflect.apply(importKey, subtle, args);

const secret = (subtle, made, draw) => {
  const bytes = fill(draw, new Uint8Array(Math.ceil(made.algorithm.length / 8)));
  return asImported(subtle, "raw", bytes, made.algorithm, made.extractable, made.usages);
};

const pair = async (subtle, { publicKey, privateKey }, draw) => {
  const { algorithm, usages, extractable } = privateKey;
  const curve = algorithm.namedCurve ?? algorithm.name;
  if (BEFORE[curve] === undefined) return { publicKey, privateKey };
  const number = fill(draw, new Uint8Array(BYTES[curve]));
  if (HIGHEST[curve] !== undefined) number[0] &= HIGHEST[curve];
  const encoded = new Uint8Array([...BEFORE[curve].match(/../g).map((hex) => parseInt(hex, 16)), ...number]);
  const open = await asImported(subtle, "pkcs8", encoded, algorithm, true, usages);
  const { kty, crv, x, y } = await Reflect.apply(exportKey, subtle, ["jwk", open]);
  const jwk = y === undefined ? { kty, crv, x } : { kty, crv, x, y };
  return {
    publicKey: await asImported(subtle, "jwk", jwk, algorithm, publicKey.extractable, publicKey.usages),
    privateKey: extractable ? open : await asImported(subtle, "pkcs8", encoded, algorithm, false, usages),
  };
};

// The same kind of key as one of the runtime's own.
export const drawn = (subtle, made, draw) =>
  made instanceof CryptoKey ? secret(subtle, made, draw) : pair(subtle, made, draw);
