/* What the pages do beyond htmx: the theme, the list of events, plots, and saying that the server is away. */
(() => {
  "use strict";
  const root = document.documentElement;
  const THEMES = ["system", "light", "dark"];
  const MAX_ROWS = 300;
  const MAX_HELD = 200;

  /* The theme is set before the page is drawn. */
  const stored = () => { try { return localStorage.getItem("edgeday-theme"); } catch { return null; } };
  const dress = (theme) => { if (theme === "light" || theme === "dark") root.dataset.theme = theme; else delete root.dataset.theme; };
  let theme = stored() || "system";
  dress(theme);

  const themeButton = () => {
    const button = document.getElementById("theme");
    const label = () => { button.textContent = "Theme: " + theme; };
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      try { localStorage.setItem("edgeday-theme", theme); } catch { /* it lasts as long as the page */ }
      dress(theme);
      label();
    });
  };

  /* The panel of the time closes with Escape, and when something else is pressed. */
  const timePanel = () => {
    const panel = document.querySelector("details.time");
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !panel.open) return;
      panel.open = false;
      panel.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => { if (!panel.contains(event.target)) panel.open = false; });
  };

  /* A page says so when the server does not answer what it asks. */
  const connection = () => {
    const offline = document.getElementById("offline");
    const away = (gone) => { offline.hidden = !gone; };
    document.addEventListener("htmx:sendError", () => away(true));
    document.addEventListener("htmx:timeout", () => away(true));
    document.addEventListener("htmx:afterOnLoad", () => away(false));
  };

  const events = () => {
    const list = document.getElementById("event-list");
    if (!list) return;
    const stream = document.getElementById("stream");
    const live = document.querySelector("[data-live]");
    const filter = document.getElementById("event-filter");
    const pause = document.getElementById("event-pause");
    const held = [];
    let paused = false;
    let heard = 0;
    const tell = (text, state) => { if (live.textContent !== text) live.textContent = text; live.dataset.state = state; };
    const trim = () => {
      while (list.children.length > MAX_ROWS) list.lastElementChild.remove();
      const shown = filter.value === "all" ? list.children.length : list.querySelectorAll(`li[data-kind~="${filter.value}"]`).length;
      list.dataset.empty = !list.children.length ? "all" : shown ? "no" : "kind";
    };
    const state = () => {
      if (paused) tell("paused" + (heard ? `, ${heard} new` : ""), "paused"); else tell("live", "live");
    };
    filter.disabled = pause.disabled = false;
    filter.addEventListener("change", () => { list.dataset.show = filter.value; trim(); });
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.setAttribute("aria-pressed", String(paused));
      pause.textContent = paused ? "Go on" : "Pause";
      if (!paused) {
        for (const html of held.splice(0)) htmx.swap(list, html, { swapStyle: "afterbegin" });
        heard = 0;
        trim();
      }
      state();
    });
    document.addEventListener("htmx:sseOpen", state);
    document.addEventListener("htmx:sseError", () => tell("connecting again", "away"));
    document.addEventListener("htmx:sseBeforeMessage", (event) => {
      /* Where the browser gives the connection up, the next one begins after what was seen last. */
      stream.setAttribute("sse-connect", `${stream.dataset.connect}?after=${encodeURIComponent(event.detail.lastEventId)}`);
      if (!paused) return;
      event.preventDefault();
      held.push(event.detail.data);
      if (held.length > MAX_HELD) held.shift();
      heard += (event.detail.data.match(/<li /g) || []).length;
      state();
    });
    document.addEventListener("htmx:sseMessage", () => { trim(); state(); });
    trim();
  };

  /* Plots come with the page, and anew with each look at a replay that goes on. */
  const plots = (within) => {
    if (typeof edgedayPlots === "undefined") return;
    for (const host of within.querySelectorAll(".plot[data-plot]")) edgedayPlots.place(host, JSON.parse(host.dataset.plot));
    edgedayPlots.forget();
  };

  document.addEventListener("DOMContentLoaded", () => {
    themeButton();
    timePanel();
    connection();
    events();
    plots(document);
    document.addEventListener("htmx:afterSwap", (event) => plots(event.detail.elt));
  });
})();
