// Clients that have no network here: they are refused by name.

import { currentInvocation, platformError } from "edgeday:state";
import { replaceClass } from "edgeday:stand_ins";

const refuse = (name, what) =>
  replaceClass(name, () => {
    currentInvocation();
    throw platformError("Error", `edgeday does not emulate ${what}: nothing answers a new ${name}()`);
  });

refuse("WebSocket", "WebSockets to other servers");
refuse("EventSource", "event streams of other servers");

export const refuseSocket = () => {
  currentInvocation();
  throw platformError("Error", "edgeday does not emulate TCP sockets: nothing answers connect()");
};
