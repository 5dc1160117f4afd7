/** A greeting. Nobody is not greeted. */
export function greet(name: string): string {
  if (name === "nobody") {
    throw new Error("there is nobody to greet");
  }
  return `hello ${name} `;
}
