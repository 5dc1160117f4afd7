// Results in the notation of the vectors.

const LONG_BYTES = 4096;
const MANY_KEYS = 60;
const START_S = 1_795_392_000;
const encoder = new TextEncoder();

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const digestOf = async (bytes) => ({ length: bytes.length, sha256: hex(await crypto.subtle.digest("SHA-256", bytes)) });

export const base64 = (bytes) => {
  let made = "";
  for (let at = 0; at < bytes.length; at += 8192) made += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(made);
};

const ofText = async (value) => {
  const bytes = encoder.encode(value);
  return bytes.length > LONG_BYTES ? digestOf(bytes) : value;
};

const ofBytes = async (bytes) => (bytes.length > LONG_BYTES ? digestOf(bytes) : { base64: base64(bytes) });

// What a KV get gave, for the type that was asked for.
export const kvValue = async (value, kind) => {
  if (value === null) return null;
  if (value instanceof ReadableStream) {
    return { stream: await ofBytes(new Uint8Array(await new Response(value).arrayBuffer())) };
  }
  if (value instanceof ArrayBuffer) return ofBytes(new Uint8Array(value));
  return kind === "json" ? { json: value } : { text: await ofText(value) };
};

// What a bulk get gave.
export const bulk = async (map, withMetadata) => {
  const shown = async (value) => {
    if (withMetadata && value !== null && typeof value === "object") {
      return { ...value, value: typeof value.value === "string" ? await ofText(value.value) : value.value };
    }
    return typeof value === "string" ? ofText(value) : value;
  };
  return { map: await Promise.all([...map].map(async ([name, value]) => [name, await shown(value)])) };
};

// What a list gave, with times relative to the start of the case.
export const listed = async (page) => {
  const listing = { ...page };
  if (page.keys.length > MANY_KEYS) {
    const names = page.keys.map(({ name }) => name);
    const { sha256 } = await digestOf(encoder.encode(names.join("\n")));
    listing.keys = { count: names.length, first: names[0], last: names.at(-1), sha256 };
  } else {
    listing.keys = page.keys.map((row) =>
      "expiration" in row ? { ...row, expiration: { fromStart: row.expiration - START_S } } : row,
    );
  }
  if ("cursor" in page) listing.cursor = { opaque: true };
  return listing;
};

// What a match gave.
export const found = async (response) => ({
  status: response.status,
  statusText: response.statusText,
  headers: [...response.headers],
  body: response.body === null ? null : base64(new Uint8Array(await response.arrayBuffer())),
});
