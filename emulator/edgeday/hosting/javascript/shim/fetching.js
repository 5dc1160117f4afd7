// fetch: to the origins that the host has.

import { here } from "edgeday:errors";
import { currentInvocation, operate, replace } from "edgeday:state";
import { bodyToWire, headToWire, responseFromWire } from "edgeday:wire";

const fetch = async (input, init) => {
  const invocation = currentInvocation();
  const at = here(fetch);
  const request = new Request(input, init);
  const sent = { ...headToWire(request), redirect: request.redirect, body: await bodyToWire(request) };
  return responseFromWire(await operate(invocation, "fetch", [sent], init?.signal ?? request.signal, at));
};

replace(globalThis, "fetch", fetch);
