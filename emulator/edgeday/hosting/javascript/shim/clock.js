// Date and performance: the account's time, which stands still within a turn.

import { replace, turn } from "edgeday:state";

const Native = Date;

class AccountDate extends Native {
  constructor(...parts) {
    if (parts.length === 0) super(turn.now);
    else super(...parts);
  }

  static now() {
    return turn.now;
  }
}

Object.defineProperty(AccountDate, "name", { value: "Date" });
const Stand = new Proxy(AccountDate, { apply: () => new AccountDate().toString() });
Object.defineProperty(AccountDate.prototype, "constructor", { value: Stand, writable: true, configurable: true });
replace(globalThis, "Date", Stand);
replace(performance, "now", () => turn.now);
