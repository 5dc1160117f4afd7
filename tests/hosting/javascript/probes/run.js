// Runs probes, in workerd alone and through edgeday: what each gives, or throws, in words.

const words = (value) => {
  if (value === undefined) return "undefined";
  if (typeof value === "function" || typeof value === "symbol") return String(value);
  return JSON.parse(JSON.stringify(value, (_, one) => (one === undefined ? "undefined" : Number.isNaN(one) ? "NaN" : typeof one === "bigint" ? `${one}n` : one)));
};

export const answers = (groups) => ({
  async fetch(request, env, ctx) {
    const group = groups[new URL(request.url).pathname.slice(1)];
    const results = {};
    for (const [name, probe] of Object.entries(group)) {
      try {
        results[name] = words(await probe({ request, env, ctx }));
      } catch (error) {
        results[name] = `${error?.constructor?.name} ${error?.name}: ${error?.message}`;
      }
    }
    return Response.json(results);
  },
});
