/* The report's own page: its plots, the comparison and the theme. */
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;

  const compared = (metric) => ({
    x: data.compare.names.map((_, place) => place), names: data.compare.names, x_label: "", marks: [], time: false, width: 1, stacked: false,
    series: [{ label: metric.name + " (" + metric.unit + ")", values: metric.values, style: "bars", tone: "c1", texts: null }],
  });

  const compare = (host) => {
    const select = document.getElementById("metric");
    const meaning = document.getElementById("metric-meaning");
    if (!data.compare.metrics.length) return;
    for (const metric of data.compare.metrics) select.append(new Option(metric.name, metric.name));
    const pick = () => {
      const metric = data.compare.metrics.find((one) => one.name === select.value);
      meaning.textContent = metric.meaning;
      edgedayPlots.place(host, compared(metric));
    };
    select.value = data.compare.metrics.some((metric) => metric.name === "kv.writes.accepted") ? "kv.writes.accepted" : data.compare.metrics[0].name;
    select.disabled = false;
    select.addEventListener("change", pick);
    pick();
  };

  /* A plot is drawn when it comes into sight. */
  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      show(target);
    }
  }, { rootMargin: "600px" });
  const unseen = new Set();
  const show = (host) => {
    sight.unobserve(host);
    unseen.delete(host);
    if (host.dataset.plot === "compare") compare(host); else edgedayPlots.place(host, data.plots[host.dataset.plot]);
  };
  for (const host of document.querySelectorAll(".plot")) {
    const canvas = document.createElement("div");
    canvas.className = "canvas";
    host.append(canvas);
    unseen.add(host);
    sight.observe(host);
  }

  /* On paper all plots are there, in light colours and in one column that fits it. */
  let shown;
  addEventListener("beforeprint", () => {
    shown = root.dataset.theme;
    root.classList.add("printing");
    root.dataset.theme = "light";
    unseen.forEach(show);
    edgedayPlots.again();
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    if (shown) root.dataset.theme = shown; else delete root.dataset.theme;
    edgedayPlots.again();
  });

  const button = document.getElementById("theme");
  const order = ["system", "light", "dark"];
  let theme = 0;
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = (theme + 1) % order.length;
    if (theme) root.dataset.theme = order[theme]; else delete root.dataset.theme;
    button.textContent = "Theme: " + order[theme];
  });
})();
