// The Cache API.

import { here } from "edgeday:errors";
import { currentInvocation, operate, replace } from "edgeday:state";
import { bodyToWire, headToWire, responseFromWire } from "edgeday:wire";

class Cache {
  #name;

  constructor(name) {
    this.#name = name;
  }

  async match(request, options) {
    const found = await operate(currentInvocation(), "cache.match", [this.#name, headToWire(request), options ?? {}]);
    return found === null ? undefined : responseFromWire(found);
  }

  async put(request, response) {
    const invocation = currentInvocation();
    const at = here(this.put);
    if (response.bodyUsed) {
      throw new TypeError(
        "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.",
      );
    }
    const { status, statusText, headers } = response;
    const sent = { status, statusText, headers: [...headers], body: await bodyToWire(response) };
    await operate(invocation, "cache.put", [this.#name, headToWire(request), sent], undefined, at);
  }

  async delete(request, options) {
    return operate(currentInvocation(), "cache.delete", [this.#name, headToWire(request), options ?? {}]);
  }
}

class CacheStorage {
  default = new Cache(null);

  async open(name) {
    return new Cache(String(name));
  }
}

replace(globalThis, "caches", new CacheStorage());
