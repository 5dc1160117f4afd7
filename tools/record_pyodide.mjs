// Record what real Pyodide makes of the expressions in tests/hosting/python_workers/expressions.py.
//
//     node tools/record_pyodide.mjs PYODIDE SDK OUTPUT
//
// PYODIDE: the folder node_modules/pyodide of an npm installation. SDK: an unpacked wheel of
// workers-runtime-sdk. OUTPUT: the JSON file to write. See tests/hosting/python_workers/recordings/README.md.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [pyodideFolder, sdkFolder, output] = process.argv.slice(2).map((name) => path.resolve(name));
const expressions = path.join(
  path.dirname(fileURLToPath(import.meta.url)), "../tests/hosting/python_workers/expressions.py");
const { loadPyodide } = await import(pathToFileURL(path.join(pyodideFolder, "pyodide.mjs")));
process.on("unhandledRejection", () => {}); // expressions reject promises that nobody looks at
const pyodide = await loadPyodide();

function text(value) {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return value + "n";
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" && typeof value !== "function") return String(value);
  if (value instanceof pyodide.ffi.PyProxy) return "PyProxy";
  if (Array.isArray(value)) return "[" + value.map(text).join(",") + "]";
  if (value instanceof Map) return "Map{" + [...value].map(([k, v]) => k + ":" + text(v)).join(",") + "}";
  if (value instanceof Set) return "Set{" + [...value].map(text).join(",") + "}";
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.constructor.name + value.byteLength;
  if (typeof value === "function") return "function";
  if (value.constructor === Object || value.constructor === undefined) {
    return "{" + Object.keys(value).map((k) => k + ":" + text(value[k])).join(",") + "}";
  }
  return value.constructor.name;
}

const values = () => ({
  null: null, undefined: undefined,
  object: { a: 1, n: null, keys: [1], s: { t: "u" } },
  empty: {}, nothing: [],
  array: [1, null, { a: 1 }],
  map: new Map([["a", 1], ["b", null]]),
  set: new Set([1, 2]),
  buffer: new Uint8Array([1, 2]).buffer,
  int: 1.0, float: 1.5, big: 2 ** 60, bigint: 2n ** 64n, bool: true,
  date: new Date(0), nested: { a: [{ b: null }] }, stream: new ReadableStream(), symbol: Symbol("s"),
  function: (x) => x + 1,
});

// Reads options as the runtime reads those of a KV put: members by name, metadata as JSON text.
function read(options) {
  if (options === undefined || options === null) return String(options);
  if (typeof options !== "object" && typeof options !== "function") return typeof options;
  const metadata = options.metadata;
  return text(options.expirationTtl) + " " + (metadata === undefined ? "-" : JSON.stringify(metadata));
}

class KvNamespace {
  async echo(...args) { return args.map(text).join(" | "); }
  async options(key, value, options, ...more) { return [read(options), ...more.map(read)].join(" | "); }
  async value(name) { return values()[name]; }
  async throws(name, message) { throw new { TypeError, Error, RangeError }[name](message); }
  async rejects(value) { throw value; }
}

const env = { KV: new KvNamespace(), CONF: { a: 1 }, TEXT: "t" };
pyodide.registerJsModule("_pyodide_entrypoint_helper", {
  cloudflareWorkersModule: { env, waitUntil() {} }, cloudflareSocketsModule: {}, patchWaitUntil() {},
});
pyodide.registerJsModule("_cloudflare_compat_flags", {
  python_request_headers_preserve_commas: true, python_workflows_implicit_dependencies: true,
});

function copy(from, to) {
  pyodide.FS.mkdirTree(to);
  for (const name of fs.readdirSync(from)) {
    if (name === "__pycache__") continue;
    const source = path.join(from, name);
    if (fs.statSync(source).isDirectory()) copy(source, to + "/" + name);
    else pyodide.FS.writeFile(to + "/" + name, fs.readFileSync(source));
  }
}
copy(sdkFolder, "/sdk");
const sdk = fs.readdirSync(sdkFolder).find((name) => name.endsWith(".dist-info"));
pyodide.runPython("import sys; sys.path.insert(0, '/sdk')");
pyodide.globals.set("raw_env", env);
pyodide.runPython(fs.readFileSync(expressions, "utf8"));
const results = JSON.parse(await pyodide.runPythonAsync("await results()"));
const recording = {
  pyodide: pyodide.version, python: pyodide.runPython("sys.version.split()[0]"), node: process.version,
  sdk: sdk?.match(/-(.*)\.dist-info/)?.[1] ?? "unknown", results,
};
fs.writeFileSync(output, JSON.stringify(recording, null, 1) + "\n");
const count = Object.values(results).reduce((sum, group) => sum + Object.keys(group).length, 0);
console.log(`${count} expressions under Pyodide ${pyodide.version}`);
process.exit(0);
