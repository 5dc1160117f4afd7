// The notation of the vectors: what stands for which JavaScript value, request or response.

const SPECIAL = { undefined, NaN, Infinity, "-Infinity": -Infinity };
const CHUNK_BYTES = 64 * 1024;

const isObject = (written) => typeof written === "object" && written !== null;

// A Text: a string, or a character written n times.
export const text = (written) =>
  isObject(written) && "repeat" in written ? written.repeat.char.repeat(written.repeat.count) : written;

export const special = (written) =>
  isObject(written) && "jsSpecial" in written ? SPECIAL[written.jsSpecial] : text(written);

const fromBase64 = (digits) => Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));

const deep = (written) => {
  if (Array.isArray(written)) return written.map(deep);
  if (!isObject(written) || "jsSpecial" in written || "repeat" in written) return special(written);
  return Object.fromEntries(Object.entries(written).map(([name, member]) => [name, deep(member)]));
};

const stream = ({ chunkBytes = CHUNK_BYTES, ...content }) => {
  const held = value(content);
  const bytes = typeof held === "string" ? new TextEncoder().encode(held) : new Uint8Array(held);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + chunkBytes));
      else controller.close();
      at += chunkBytes;
    },
  });
};

// A KV value or a body.
export const value = (written) => {
  if (!isObject(written)) return written;
  if ("text" in written) return text(written.text);
  if ("json" in written) return JSON.stringify(written.json);
  if ("base64" in written) return fromBase64(written.base64).buffer;
  if ("stream" in written) return stream(written.stream);
  if ("js" in written) return written.js;
  return special(written);
};

value.key = (written) => (Array.isArray(written) ? written.map(value.key) : special(written));

// Options, with times from now and cursors of steps before.
value.options = (written, cursors) => {
  if (!isObject(written) || "jsSpecial" in written) return special(written);
  const now = Math.floor(Date.now() / 1000);
  const made = {};
  for (const [name, member] of Object.entries(written)) {
    if (name === "expirationFromNow") {
      made.expiration = typeof member === "string" ? String(now + Number(member)) : now + member;
    } else if (name === "cursor" && isObject(member) && "cursorFrom" in member) made.cursor = cursors[member.cursorFrom];
    else made[name] = deep(member);
  }
  return made;
};

// The arguments that are there, of a put or a delete.
export const kvArguments = (args, ...names) =>
  names.filter((name) => name in args).map((name) => (name === "key" ? value.key(args.key) : value(args[name])));

const headersOf = (written) =>
  written?.map(([name, content]) => {
    if (isObject(content) && "httpDateFromNow" in content) {
      return [text(name), new Date(Date.now() + content.httpDateFromNow * 1000).toUTCString()];
    }
    return [text(name), text(content)];
  });

// A cache key.
export const requestOf = (written) => {
  if (!isObject(written) || "jsSpecial" in written || "repeat" in written) return special(written);
  if ("urlObject" in written) return new URL(text(written.urlObject));
  const { url, headers, body, ...init } = written;
  return new Request(text(url), { ...init, headers: headersOf(headers), body: value(body) });
};

// A response, with its body read if the vector says so; or what is handed over in its place.
export const responseOf = async (written) => {
  if (!isObject(written) || "jsSpecial" in written) return special(written);
  if (written.error) return Response.error();
  const { body = null, headers, used, ...init } = written;
  const made = new Response(value(body), { ...init, headers: headersOf(headers) });
  if (used) await made.arrayBuffer();
  return made;
};

export const initOf = (written) => {
  if (!isObject(written) || "jsSpecial" in written) return special(written);
  return Object.fromEntries(
    Object.entries(written).map(([name, member]) => [name, name === "body" ? value(member) : deep(member)]),
  );
};

export { deep };
