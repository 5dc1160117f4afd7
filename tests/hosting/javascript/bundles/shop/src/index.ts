import page from "./page.html";
import note from "./note.txt";
import data from "./data.bin";
import add from "./add.wasm";
import { greet } from "./greet";

interface Env {
  SHOP: { get(key: string): Promise<string | null>; put(key: string, value: string): Promise<void> };
  NAME: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const path: string = new URL(request.url).pathname;
    if (path === "/page") return new Response(page);
    if (path === "/note") return new Response(note);
    if (path === "/data") return new Response(data);
    if (path === "/wasm") return new Response(String(add instanceof WebAssembly.Module));
    return new Response(greet(path === "/boom" ? "nobody" : env.NAME) + ((await env.SHOP.get("seen")) ?? ""));
  },
  async scheduled(controller: { scheduledTime: number }, env: Env): Promise<void> {
    await env.SHOP.put("seen", String(controller.scheduledTime));
  },
};

export class Other {
  async fetch(): Promise<Response> {
    return new Response("other");
  }
}
