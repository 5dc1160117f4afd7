// What the global scope allows: tried while the module is evaluated.

const results = {};
const attempt = (name, work) => {
  try {
    const value = work();
    results[name] = value;
    if (value instanceof Promise) value.catch(() => {});
  } catch (error) {
    results[name] = `${error?.constructor?.name} ${error?.name}: ${error?.message}`;
  }
};

attempt("fetch", () => fetch("https://origin.example/"));
attempt("setTimeout", () => setTimeout(() => {}, 1));
attempt("setInterval", () => setInterval(() => {}, 1));
attempt("clearTimeout", () => String(clearTimeout(1)));
attempt("scheduler.wait", () => scheduler.wait(1));
attempt("AbortSignal.timeout", () => AbortSignal.timeout(1).aborted);
attempt("crypto.getRandomValues", () => crypto.getRandomValues(new Uint8Array(1)));
attempt("crypto.randomUUID", () => crypto.randomUUID());
attempt("crypto.subtle.digest", () => crypto.subtle.digest("SHA-1", new Uint8Array(1)).then(() => "digested"));
attempt("crypto.subtle.generateKey", () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]));
attempt("Math.random", () => { const x = Math.random(); return x >= 0 && x < 1; });
attempt("Date.now", () => Date.now());
attempt("new Date", () => new Date().getTime());
attempt("Date()", () => Date());
attempt("performance.now", () => performance.now());
attempt("caches.default", () => typeof caches.default);
attempt("caches.default.match", () => caches.default.match("https://origin.example/"));
attempt("caches.default.put", () => caches.default.put("https://origin.example/", new Response("x", { headers: { "cache-control": "max-age=60" } })));
attempt("caches.open", () => caches.open("x"));
attempt("new Request", () => new Request("https://origin.example/").url);
attempt("new Response", () => new Response("x").status);
attempt("text of a Response", () => new Response("x").text());
attempt("new AbortController", () => new AbortController().signal.aborted);
attempt("new WebSocketPair", () => Object.keys(new WebSocketPair()));
attempt("queueMicrotask", () => String(queueMicrotask(() => {})));
attempt("new ReadableStream", () => new ReadableStream({}).locked);
attempt("new TransformStream", () => new TransformStream().readable.locked);
attempt("new CompressionStream", () => new CompressionStream("gzip").readable.locked);
attempt("structuredClone", () => structuredClone({ a: 1 }));
attempt("console.log", () => String(console.log("in the global scope")));
attempt("new HTMLRewriter", () => typeof new HTMLRewriter());
attempt("new Event", () => new Event("x").type);
attempt("WebSocket", () => new WebSocket("wss://origin.example/"));
attempt("eval", () => eval("1 + 1"));

export const probes = Object.fromEntries(Object.entries(results).map(([name, value]) => [name, () => value]));
