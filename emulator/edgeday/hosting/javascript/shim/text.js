// Text with half a surrogate pair in it, which the runtime takes over as three bytes that are no UTF-8.

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const encoder = new TextEncoder();

// Text as it comes out of the runtime again.
export const wellFormed = (text) => (text.isWellFormed() ? text : text.replace(LONE, "\ufffd\ufffd\ufffd"));

// Its bytes.
export const bytesWithHalves = (text) => {
  const bytes = encoder.encode(text); // U+FFFD for a half, three bytes too
  for (const { 0: half, index } of text.matchAll(LONE)) {
    const at = encoder.encode(text.slice(0, index)).length;
    const unit = half.charCodeAt(0);
    bytes.set([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63)], at);
  }
  return bytes;
};
