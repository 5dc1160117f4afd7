import { nodeTimers } from "../edgeday:worker";

class AbortError extends Error {
  code = "ABORT_ERR";
  name = "AbortError";

  constructor(signal) {
    super("The operation was aborted", { cause: signal.reason });
  }
}

const abortable = (begin, value, end, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new AbortError(signal));
      return;
    }
    const timer = begin(() => resolve(value));
    const stop = () => {
      end(timer);
      reject(new AbortError(signal));
    };
    signal?.addEventListener("abort", stop, { once: true });
  });

export const setTimeout = (delay, value, { signal } = {}) =>
  abortable((then) => nodeTimers.setTimeout(then, delay), value, nodeTimers.clearTimeout, signal);

export const setImmediate = (value, { signal } = {}) =>
  abortable(globalThis.setImmediate, value, globalThis.clearImmediate, signal);

export async function* setInterval(delay, value, options) {
  for (;;) yield setTimeout(delay, value, options);
}

export const scheduler = {
  wait: (delay, options) => globalThis.scheduler.wait(delay, options),
  yield: () => setImmediate(),
};
export default { setTimeout, setImmediate, setInterval, scheduler };
