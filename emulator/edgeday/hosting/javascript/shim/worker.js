// Runs the worker's handlers, one turn at a time: a message of the host, the code until nothing is left to do at once, then
// what it asked for. Each invocation has a WebSocket of its own, and with it an I/O context, as in production.

import "edgeday:caches";
import "edgeday:clock";
import "edgeday:console";
import "edgeday:fetching";
import { belongs } from "edgeday:context";
import { errorToWire } from "edgeday:errors";
import { drop, endAll, settleWaits, waits } from "edgeday:endings";
import { read, send } from "edgeday:frames";
import { describe, handle } from "edgeday:handlers";
import { generator } from "edgeday:mersenne";
import { afterOthers, letOthersWait } from "edgeday:others";
import "edgeday:randomness";
import { sendHeads } from "edgeday:responses";
import { invocations, isPlatformError, out, replace, settle, turn, where } from "edgeday:state";
import { afterMicrotasks, ring } from "edgeday:timers";

export { use } from "edgeday:handlers";
export { nodeTimers } from "edgeday:node_timers";
export { refuseSocket } from "edgeday:refused";

// The environment as one invocation has it.
const ownEnv = (env, { vars, without }) => {
  if (vars === null && without.length === 0) return env;
  const own = { ...env, ...vars };
  for (const name of without) delete own[name];
  return own;
};

const begin = async (message, { socket, env, ctx }) => {
  const invocation = {
    number: message.inv,
    socket,
    over: false,
    raced: false,
    waits: [],
    body: null,
    draw: generator(message.seed),
    stubs: message.stubs,
    lines: message.lines,
  };
  invocations.set(message.inv, invocation);
  turn.invocation = invocation;
  letOthersWait(invocation);
  belongs(ctx, invocation);
  try {
    await handle(message, invocation, ownEnv(env, message), ctx);
  } catch (error) {
    out.push({ t: "throw", inv: message.inv, platform: isPlatformError(error), ...errorToWire(error) });
  }
  await settleWaits(invocation);
};

const pull = (message) => invocations.get(message.inv)?.body.pull();
const giveUp = (message) => invocations.get(message.inv)?.body.cancel();

const TURNS = {
  start: begin,
  ok: settle,
  err: settle,
  timer: ring,
  pull,
  "give-up": giveUp,
  drop,
  where,
  waits,
  hello: describe,
  nop: () => {},
};

// The end of a turn. One that ends the invocation ends the connection too: if the host hung up, that would be an error, which
// costs the runtime as much as half a request.
const reply = (socket, number) => {
  sendHeads();
  endAll();
  send(socket);
  if (!invocations.has(number)) socket.close(1000);
};

let isPrepared = true;

// The other end of an invocation's WebSocket.
export const accept = (request, env, ctx) => {
  if (request.headers.get("upgrade") !== "websocket") throw new Error("edgeday does not emulate ctx.exports: a worker cannot call itself");
  if (!isPrepared) prepare(env);
  const [client, socket] = Object.values(new WebSocketPair());
  socket.accept();
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    const message = read(data);
    if (message === null) return;
    turn.now = message.now;
    turn.invocation = invocations.get(message.inv) ?? null;
    TURNS[message.t](message, { socket, env, ctx });
    afterMicrotasks(() => afterOthers(message.inv, () => reply(socket, message.inv)), 0);
  });
  return new Response(null, { status: 101, webSocket: client });
};

// Prepares the global scope of a worker in the form of a script, whose bindings are globals. A runtime that has none for
// modules yet (before March 2025) shows them with the first event.
export const prepare = (env, parts) => {
  isPrepared = env !== undefined;
  for (const [name, value] of Object.entries({ ...env, ...parts })) replace(globalThis, name, value);
};
