// Record what workerd makes of the expressions in tests/hosting/python_workers/web_expressions.txt.
//
//     node tools/record_workerd.mjs WORKERD OUTPUT
//
// WORKERD: the folder node_modules/workerd of an npm installation. OUTPUT: the JSON file to write. The
// expressions are Python; a few replacements make JavaScript of them (see `translated`).
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [workerd, output] = process.argv.slice(2).map((name) => path.resolve(name));
const source = path.join(
  path.dirname(fileURLToPath(import.meta.url)), "../tests/hosting/python_workers/web_expressions.txt");
const expressions = fs.readFileSync(source, "utf8").split("\n").filter((line) => line);

const translated = (expression) => expression
  .replace(/\bjs\.(\w+)\.new\(/g, "new $1(").replace(/\bjs\./g, "")
  .replace(/\bfrom_\(/g, "from(").replace(/\bNone\b/g, "undefined").replace(/\bTrue\b/g, "true").replace(/\bFalse\b/g, "false");

const worker = `
function text(v) {
  if (v === undefined) return "undefined";
  if (v === null) return "null";
  if (typeof v === "string") return JSON.stringify(v);
  if (typeof v === "function") return "function";
  if (Object.is(v, -0)) return "-0";
  if (typeof v !== "object") return String(v);
  if (Array.isArray(v)) return "[" + v.map(text).join(",") + "]";
  if (ArrayBuffer.isView(v)) return v.constructor.name + "<" + [...v].join(",") + ">";
  if (v.constructor === Object) return "{" + Object.keys(v).map((k) => k + ":" + text(v[k])).join(",") + "}";
  if (v instanceof Error) return v.name + ": " + v.message;
  return v.constructor.name;
}
const to_js = (x) => x, obj = (x) => x, list = (x) => [...x], str = String, u8 = (x) => new Uint8Array(x);
function form(...fields) { const f = new FormData(); for (const field of fields) f.append(...field); return f; }
function changed(f) { f.set("a", "9"); f.delete("b"); f.append("c", 5); return f; }
async function multipart(body) {
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  return [...await new Response(body, { headers }).formData()];
}
async function read_twice(r) { await r.text(); return await r.text(); }
async function read_locked(r) { r.body.getReader(); return await r.text(); }
function locked_twice(r) { r.body.getReader(); r.body.getReader(); }
function used_by_reader(r) { r.body.getReader(); return [r.bodyUsed, r.body.locked]; }
async function used_by_reading(r) {
  const reader = r.body.getReader();
  await reader.read();
  reader.releaseLock();
  return [r.bodyUsed, r.body.locked];
}
async function canceled(r) { await r.body.cancel(); return await r.text(); }
async function after_release(r) { const x = r.body.getReader(); x.releaseLock(); return await x.read(); }
const all = [${expressions.map((line) => `[${JSON.stringify(line)}, async () => (${translated(line)})]`).join(",\n")}];
export default {
  async fetch() {
    const results = {};
    for (const [line, evaluate] of all) {
      try { results[line] = text(await evaluate()); } catch (e) { results[line] = "throws " + e.name + ": " + e.message; }
    }
    return Response.json(results);
  },
};`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "record-workerd-"));
fs.writeFileSync(path.join(folder, "worker.mjs"), worker);
fs.writeFileSync(path.join(folder, "config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .mainWorker)],
  sockets = [(name = "http", address = "127.0.0.1:8797", http = (), service = "main")]);
const mainWorker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")], compatibilityDate = "2026-04-01");`);
const server = spawn(path.join(workerd, "bin/workerd"), ["serve", "config.capnp"], { cwd: folder, stdio: "inherit" });
let results;
for (let attempt = 0; attempt < 50 && !results; attempt++) {
  await new Promise((resolve) => setTimeout(resolve, 200));
  results = await fetch("http://127.0.0.1:8797/").then((r) => r.json(), () => undefined);
}
server.kill();
const { version } = JSON.parse(fs.readFileSync(path.join(workerd, "package.json"), "utf8"));
fs.writeFileSync(output, JSON.stringify({ workerd: version, compatibilityDate: "2026-04-01", results }, null, 1) + "\n");
console.log(`${Object.keys(results).length} expressions in workerd ${version}`);
process.exit(0);
