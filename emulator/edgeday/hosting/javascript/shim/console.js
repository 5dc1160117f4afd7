// console: what a handler writes is the host's to show.

import { lineOf } from "edgeday:inspect";
import { invocationOrNull, out } from "edgeday:state";

// Characters that are shown of one invocation; in production its log is cut off after 256 KB.
const MOST_WRITTEN = 256 * 1024;

const write = (invocation, level, values) => {
  const left = MOST_WRITTEN - (invocation.written ?? 0);
  if (left < 0) return;
  const text = lineOf(values);
  invocation.written = MOST_WRITTEN - left + text.length + 1;
  const sent = text.length < left ? text : `${text.slice(0, left)} ...`;
  out.push({ t: "log", inv: invocation.number, level, text: sent.toWellFormed() });
};

for (const level of ["debug", "error", "info", "log", "trace", "warn"]) {
  const native = console[level].bind(console);
  console[level] = (...values) => {
    const invocation = invocationOrNull();
    if (invocation === null) native(...values);
    else write(invocation, level, values);
  };
}
