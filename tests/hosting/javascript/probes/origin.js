// The origin that probes fetch from.

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const [, kind, first, rest] = url.pathname.split("/");
    switch (kind) {
      case "text":
        return new Response(`text ${url.search}`, { headers: { "x-origin": "yes" } });
      case "html":
        return new Response("<p>a <b>old</b></p>", { headers: { "content-type": "text/html" } });
      case "json":
        return Response.json({ a: [1, "ж"] });
      case "empty":
        return new Response(null);
      case "binary":
        return new Response(new Uint8Array([0, 255, 128, 10]));
      case "gzip":
        return new Response("packed", { headers: { "content-encoding": "gzip" } });
      case "cookies":
        return new Response("x", { headers: [["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2"], ["x-a", "1"], ["x-a", "2"]] });
      case "status":
        return new Response(["204", "304"].includes(first) ? null : "status", { status: Number(first) });
      case "redirect":
        return new Response("moved", { status: Number(first), headers: rest ? { location: `/${rest}` } : {} });
      case "redirects":
        return first === "0" ? new Response("there") : Response.redirect(`https://origin.example/redirects/${first - 1}`);
      case "loop":
        return Response.redirect(request.url);
      case "slow":
        await pause(1000);
        return new Response("slow");
      default: {
        const body = await request.text();
        const headers = [...request.headers].filter(([name]) => !["content-length", "host"].includes(name));
        return Response.json({ method: request.method, url: request.url, body, headers });
      }
    }
  },
};
