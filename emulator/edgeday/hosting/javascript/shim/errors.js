// What the worker has thrown, as the host is told it, whatever it is: an error of any realm, a value that is none, one
// whose members throw. And where its code is when it asks for something.

const NESTED = 5;
const LONGEST = 2000;

// Where the code is that calls `below`: formatted only if somebody wants to know.
const { captureStackTrace } = Error;
export const here = (below) => {
  const mark = {};
  captureStackTrace(mark, below);
  return mark;
};

// The stack of an error or of such a mark as V8 writes it, not as the worker has it written.
export const stackOf = (error) => {
  const own = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    if (own !== undefined) Error.prepareStackTrace = undefined;
    const { stack } = error;
    return typeof stack === "string" ? stack : "";
  } catch {
    return "";
  } finally {
    try {
      if (own !== undefined) Object.defineProperty(Error, "prepareStackTrace", own);
    } catch {
      // it cannot be put back
    }
  }
};

const marks = new WeakMap();

// Of an error of the platform: where the worker asked for the operation that failed.
export const remember = (error, mark) => void marks.set(error, mark);

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

const read = (value, name) => {
  try {
    return value[name];
  } catch {
    return undefined;
  }
};

const text = (value) => {
  try {
    return String(value);
  } catch {
    return "";
  }
};

const isError = (value) => {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
};

// A value that is no error: text as it is, objects as JSON.
const shown = (value) => {
  if (!isObject(value)) return text(value);
  try {
    return (JSON.stringify(value) ?? text(value)).slice(0, LONGEST);
  } catch {
    return text(value).slice(0, LONGEST);
  }
};

export const errorToWire = (error, depth = 0) => {
  const stack = isObject(error) ? stackOf(marks.get(error) ?? error) : "";
  if (stack === "" && !isError(error)) return { name: "Error", message: shown(error), stack };
  const name = read(error, "name");
  const message = read(error, "message");
  const told = {
    name: typeof name === "string" && name !== "" ? name : "Error",
    message: message === undefined ? "" : text(message),
    stack,
  };
  if (depth >= NESTED) return told;
  const cause = read(error, "cause");
  if (cause !== undefined && cause !== null) told.cause = errorToWire(cause, depth + 1);
  const errors = read(error, "errors");
  if (Array.isArray(errors)) told.errors = errors.slice(0, NESTED).map((one) => errorToWire(one, depth + 1));
  return told;
};
