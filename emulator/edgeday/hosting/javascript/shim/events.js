// Events of a worker in the form of a script: dispatched on the global object, as the runtime does.

import { ownerOf, replaceMethod } from "edgeday:stand_ins";

// What listens, by kind of event: the first listener.
export const listening = new Map();

const add = replaceMethod(ownerOf("addEventListener"), "addEventListener", {
  addEventListener(...args) {
    const [kind, listener] = args;
    if ((this === undefined || this === globalThis) && !listening.has(kind)) listening.set(kind, listener);
    return Reflect.apply(add, this, args);
  },
}.addEventListener);

const hidden = (event, members) => {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(event, name, { value, writable: true, configurable: true, enumerable: false });
  }
};

const dispatch = (event, prototype, ctx) => {
  Object.setPrototypeOf(event, prototype);
  hidden(event, { waitUntil: (promise) => ctx.waitUntil(promise) });
  globalThis.dispatchEvent(event);
};

// Dispatches an event for a request. Gives what it is answered with; what nobody answers goes on to the origin.
export const heardFetch = (request, ctx) => {
  const event = new Event("fetch");
  let answer = null;
  let isOver = false;
  hidden(event, {
    passThroughOnException: () => ctx.passThroughOnException(),
    respondWith(...args) {
      const [response] = args;
      if (!(response instanceof Response) && typeof response?.then !== "function") {
        throw new TypeError("Failed to execute 'respondWith' on 'FetchEvent': parameter 1 is not of type 'Promise'.");
      }
      if (answer !== null) {
        throw new DOMException("FetchEvent.respondWith() has already been called; it can only be called once.", "InvalidStateError");
      }
      if (isOver) {
        throw new DOMException("Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.", "InvalidStateError");
      }
      event.stopImmediatePropagation();
      answer = response;
    },
  });
  Object.defineProperty(event, "request", { value: request, enumerable: true });
  Object.defineProperty(event, "actorState", { value: null, enumerable: true });
  dispatch(event, FetchEvent.prototype, ctx);
  isOver = true;
  return answer ?? fetch(request);
};

// Dispatches an event for a cron.
export const heardScheduled = (controller, ctx) => {
  const event = new Event("scheduled");
  const { scheduledTime, cron, noRetry } = controller;
  for (const [name, value] of Object.entries({ scheduledTime, cron })) {
    Object.defineProperty(event, name, { value, enumerable: true });
  }
  hidden(event, { noRetry });
  dispatch(event, ScheduledEvent.prototype, ctx);
};
