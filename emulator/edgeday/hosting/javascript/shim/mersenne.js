// The random numbers of an invocation: the Mersenne Twister, seeded and read as Python's `random.Random` is, so that an
// invocation draws what that of a Python worker draws. Source: Matsumoto and Nishimura, mt19937ar.c; CPython, _randommodule.c.

const SIZE = 624;
const MIDDLE = 397;

const first = () => {
  const state = new Uint32Array(SIZE);
  state[0] = 19650218;
  for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  return state;
};
const FIRST = first();

const seeded = (key) => {
  const state = FIRST.slice();
  let i = 1;
  let j = 0;
  const wrap = () => {
    if (i < SIZE) return;
    state[0] = state[SIZE - 1];
    i = 1;
  };
  for (let left = Math.max(SIZE, key.length); left > 0; left--) {
    const before = state[i - 1];
    state[i] = (state[i] ^ Math.imul(before ^ (before >>> 30), 1664525)) + key[j] + j;
    i++;
    wrap();
    if (++j >= key.length) j = 0;
  }
  for (let left = SIZE - 1; left > 0; left--) {
    const before = state[i - 1];
    state[i] = (state[i] ^ Math.imul(before ^ (before >>> 30), 1566083941)) - i;
    i++;
    wrap();
  }
  state[0] = 0x80000000;
  return state;
};

const twist = (state) => {
  for (let i = 0; i < SIZE; i++) {
    const both = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
    state[i] = state[(i + MIDDLE) % SIZE] ^ (both >>> 1) ^ (both & 1 ? 0x9908b0df : 0);
  }
};

// 32-bit words of a number, the lowest first. hex: its bytes, the highest first.
const wordsOf = (hex) => {
  const words = [];
  for (let end = hex.length; end > 0; end -= 8) words.push(parseInt(hex.slice(Math.max(end - 8, 0), end), 16));
  while (words.length > 1 && words.at(-1) === 0) words.pop();
  return words;
};

// Draws of 32 bits. seed: a number in hexadecimal digits. Nothing is done before the first draw.
export const generator = (seed) => {
  let state = null;
  let at = SIZE;
  return () => {
    state ??= seeded(wordsOf(seed));
    if (at === SIZE) {
      twist(state);
      at = 0;
    }
    let drawn = state[at++];
    drawn ^= drawn >>> 11;
    drawn ^= (drawn << 7) & 0x9d2c5680;
    drawn ^= (drawn << 15) & 0xefc60000;
    return (drawn ^ (drawn >>> 18)) >>> 0;
  };
};

// A number from 0 up to 1, as `random()`.
export const fraction = (draw) => ((draw() >>> 5) * 67108864 + (draw() >>> 6)) / 9007199254740992;

// Bytes, as `randbytes()`.
export const fill = (draw, bytes) => {
  const rest = bytes.length % 4;
  const whole = bytes.length - rest;
  for (let i = 0; i < whole; i += 4) {
    const word = draw();
    bytes[i] = word;
    bytes[i + 1] = word >>> 8;
    bytes[i + 2] = word >>> 16;
    bytes[i + 3] = word >>> 24;
  }
  if (rest > 0) {
    const word = draw() >>> (32 - 8 * rest);
    for (let i = 0; i < rest; i++) bytes[whole + i] = word >>> (8 * i);
  }
  return bytes;
};

// A UUID of version 4, of 128 bits as `getrandbits()`.
export const uuid = (draw) => {
  const words = [draw(), draw(), draw(), draw()].reverse();
  words[1] = (words[1] & 0xffff0fff) | 0x4000;
  words[2] = (words[2] & 0x3fffffff) | 0x80000000;
  const h = words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
};
