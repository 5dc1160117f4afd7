// The probes of a worker without flags.

import dates from "./dates.js";
import fetching from "./fetching.js";
import globals from "./globals.js";
import messages from "./messages.js";
import random from "./random.js";
import { answers } from "./run.js";
import { probes as scope } from "./scope.js";
import timers from "./timers.js";
import web from "./web.js";

export default answers({ dates, fetching, globals, messages, random, scope, timers, web });
