// Headers, Request and Response: what is made, and what is then done with it.

import { deep, initOf, special, value } from "./notation.js";
import { base64 } from "./results.js";

const attempt = async (work) => {
  try {
    return { v: (await work()) ?? null };
  } catch ({ name, message }) {
    return { e: { name, message } };
  }
};

const LISTS = new Set(["entries", "keys", "values"]);

const call = (target, [method, ...given]) => {
  const args = given.map(deep);
  if (method === "copy") return [...new Headers(target)];
  const answer = target[method](...args);
  return LISTS.has(method) ? [...answer] : answer;
};

export const headers = async ({ init, calls }) => {
  const made = init === undefined ? new Headers() : new Headers(deep(init));
  const answers = [];
  for (const one of calls) answers.push(await attempt(() => call(made, one)));
  return { calls: answers, entries: [...made] };
};

const bytesOf = async (message) => base64(new Uint8Array(await message.arrayBuffer()));

const READS = {
  text: (message) => message.text(),
  json: async (message) => ({ j: await message.json() }),
  arrayBuffer: bytesOf,
  bytes: async (message) => base64(await message.bytes()),
  bodyUsed: (message) => message.bodyUsed,
  bodyNull: (message) => message.body === null,
  locked: (message) => message.body.locked,
  readbody: (message) => new Response(message.body).text(),
  headers: (message) => [...message.headers],
  status: (message) => message.status,
  statusText: (message) => message.statusText,
  ok: (message) => message.ok,
  url: (message) => message.url,
  method: (message) => message.method,
  sethdr(message) {
    message.headers.set("X-New", "1");
    return message.headers.get("x-new");
  },
  rewrap: (message) => [
    ...(message instanceof Request ? new Request(message) : new Response(message.body, message)).headers,
  ],
};

// Reads of a message, of its clone ("clone.text") and of the branches of its body.
const readAll = async (message, reads) => {
  let clone;
  let branches = [];
  const one = (name) => {
    if (name === "clone") {
      clone = message.clone();
      return true;
    }
    if (name === "tee") {
      branches = message.body.tee();
      return true;
    }
    if (name.startsWith("tee")) return new Response(branches[Number(name.slice(3))]).text();
    return name.startsWith("clone.") ? READS[name.slice(6)](clone) : READS[name](message);
  };
  const answers = [];
  for (const name of reads ?? []) answers.push(await attempt(() => one(name)));
  return answers;
};

export const request = async ({ url, init, again, reads }) => {
  let made = new Request(special(url), initOf(init));
  if (again !== undefined) made = new Request(made, initOf(again));
  const { url: at, method, headers: fields } = made;
  return { url: at, method, headers: [...fields], reads: await readAll(made, reads) };
};

const KINDS = {
  new: ({ body, init }) => new Response(value(body), initOf(init)),
  json: ({ data, init }) => Response.json(deep(data), initOf(init)),
  redirect: ({ url, status }) => (status === undefined ? Response.redirect(url) : Response.redirect(url, special(status))),
  error: () => Response.error(),
};

export const response = async (args) => {
  const made = KINDS[args.kind](args);
  const { status, statusText, ok, headers: fields } = made;
  const head = { status, statusText, ok, headers: [...fields], bodyNull: made.body === null };
  return { ...head, reads: await readAll(made, args.reads) };
};
