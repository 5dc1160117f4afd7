// Plans by a worker in Miniflare, for benchmarks/javascript.py: worker.js, plans, the request's body, and what each fetch of
// the worker is answered with. Prints milliseconds of the start, and of each plan.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";

const [modules, worker, plans, body, answer] = process.argv.slice(2);
const { Miniflare, Response } = createRequire(`${modules}/`)("miniflare");
const text = readFileSync(answer, "utf8");
const start = performance.now();
const miniflare = new Miniflare({
  modules: [{ type: "ESModule", path: "worker.js", contents: readFileSync(worker, "utf8") }],
  compatibilityDate: "2024-01-01",
  kvNamespaces: ["page_content"],
  bindings: { OPENAI_API_KEY: "sk-stand-in" },
  outboundService: () => new Response(text, { headers: { "Content-Type": "application/json" } }),
  handleRuntimeStdio() {},
});
const url = await miniflare.ready;
const started = performance.now();
const ask = () =>
  fetch(new URL("/api/generate-plan", url), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: readFileSync(body),
  });
const { status } = await ask();
if (status !== 200) throw new Error(`the first plan was answered with ${status}`);
const first = performance.now();
for (let i = 0; i < Number(plans); i++) await (await ask()).arrayBuffer();
console.log(JSON.stringify([started - start, (performance.now() - first) / Number(plans)]));
await miniflare.dispose();
