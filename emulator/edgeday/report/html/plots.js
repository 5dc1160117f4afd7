/* Draws plots with uPlot. All text goes in as text, never as markup. */
const edgedayPlots = (() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();
  const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  const colour = (tone) => getComputedStyle(root).getPropertyValue("--" + tone).trim();
  const two = (number) => String(number).padStart(2, "0");
  const day = (at) => at.getUTCDate() + " " + MONTHS[at.getUTCMonth()];
  const clock = (at) => two(at.getUTCHours()) + ":" + two(at.getUTCMinutes());
  const stamp = (seconds) => { const at = new Date(seconds * 1000); return day(at) + " " + clock(at); };
  const tick = (seconds) => {
    const at = new Date(seconds * 1000);
    return at.getUTCHours() || at.getUTCMinutes() ? clock(at) : day(at);
  };
  const short = (text, most) => text.length > most ? text.slice(0, Math.max(1, most - 1)) + "…" : text;
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  /* The values as drawn: stacked bars stand on those before them that are shown. */
  const columns = (plot, shown) => {
    if (!plot.stacked) return plot.series.map((series) => series.values);
    const sums = plot.x.map(() => 0);
    return plot.series.map((series, place) => {
      if (shown[place]) series.values.forEach((value, at) => { sums[at] += value; });
      return sums.slice();
    });
  };

  /* The place in x that an instant or a value belongs to: its bar, or the step it lies on. */
  const indexAt = (plot, at) => {
    const bars = plot.width && (plot.time ? Math.floor : Math.round)((at - plot.x[0]) / plot.width);
    const index = plot.width ? bars : plot.x.findLastIndex((from) => from <= at);
    return Math.max(0, Math.min(plot.x.length - 1, index));
  };

  const seriesOptions = (plot, series, place) => {
    const tone = colour(series.tone);
    const options = { label: series.label, stroke: tone, width: 2, points: { show: false }, spanGaps: false };
    if (series.style === "step") {
      options.paths = uPlot.paths.stepped({ align: 1 });
      if (series.dash) options.dash = [6, 5];
      if (series.fill) options.fill = tone + "2b";
    } else if (series.style === "points") {
      options.paths = () => null;
      /* No rim of another colour: where points lie close together it would hide them. */
      options.points = { show: true, size: 7, fill: tone, stroke: tone, width: 1 };
    } else {
      const beside = !plot.stacked && plot.series.length > 1;
      const align = plot.time ? 1 : beside ? (place ? 1 : -1) : 0;
      options.paths = uPlot.paths.bars({ size: [beside ? 0.48 : plot.time ? 0.88 : 0.8, 56], align });
      options.fill = tone;
      options.width = 0;
    }
    return options;
  };

  const drawMarks = (plot) => (chart) => {
    const { ctx, bbox } = chart;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = 12 * ratio + "px system-ui, sans-serif";
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    let labelled = -Infinity;
    const label = (text, left, middle) => {
      const width = ctx.measureText(text).width;
      ctx.save();
      ctx.fillStyle = colour("card");
      ctx.fillRect(left - 3 * ratio, middle - 9 * ratio, width + 6 * ratio, 18 * ratio);
      ctx.restore();
      ctx.fillText(text, left, middle);
    };
    for (const mark of plot.marks) {
      const at = chart.valToPos(mark.at, mark.axis, true);
      ctx.strokeStyle = ctx.fillStyle = colour(mark.tone);
      ctx.lineWidth = (mark.tone === "bad" ? 2 : 1) * ratio;
      ctx.setLineDash([5 * ratio, 4 * ratio]);
      ctx.beginPath();
      if (mark.axis === "y") {
        if (at < bbox.top) continue;
        ctx.moveTo(bbox.left, at);
        ctx.lineTo(bbox.left + bbox.width, at);
        ctx.stroke();
        label(mark.label, bbox.left + 12 * ratio, Math.max(at, bbox.top + 9 * ratio));
      } else {
        ctx.moveTo(at, bbox.top);
        ctx.lineTo(at, bbox.top + bbox.height);
        ctx.stroke();
        const width = ctx.measureText(mark.label).width + 12 * ratio;
        if (at - labelled > width) {
          label(mark.label, at + width > bbox.left + bbox.width ? at - width : at + 6 * ratio, bbox.top + 10 * ratio);
          labelled = at;
        }
      }
    }
    ctx.restore();
  };

  const draw = (host, plot, state) => {
    const wide = host.clientWidth;
    const limit = plot.marks.find((mark) => mark.axis === "y");
    const last = plot.x[plot.x.length - 1];
    const ends = plot.time ? [plot.x[0], last + plot.width] : [plot.x[0] - plot.width / 2, last + plot.width / 2];
    const axis = {
      stroke: colour("soft"), font: "12px system-ui, sans-serif",
      grid: { stroke: colour("grid"), width: 1 }, ticks: { stroke: colour("grid"), width: 1, size: 5 },
    };
    const values = columns(plot, state.shown);
    const most = Math.max(0, ...values.flat().filter((value) => value !== null));
    const top = Math.max(most, state.toLimit && limit ? limit.at : 0) * 1.1 || 1;
    const percent = plot.y_label && plot.y_label.startsWith("%") ? " %" : "";
    const room = plot.names ? Math.min(wide * 0.4, 24 + 7 * Math.max(...plot.names.map((name) => name.length))) : 0;
    const options = {
      width: wide,
      height: plot.names ? 50 + 34 * plot.names.length : Math.round(Math.min(300, Math.max(220, wide * 0.5))),
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: {
        x: { time: plot.time, ...(plot.names ? { ori: 1, dir: -1 } : {}), range: (_, low, high) => state.zoom ? [low, high] : ends },
        y: { ...(plot.names ? { ori: 0, dir: 1 } : {}), range: () => [0, top] },
      },
      axes: [
        plot.names
          ? { ...axis, side: 3, size: room, grid: { show: false }, splits: () => plot.x, values: () => plot.names.map((name) => short(name, room / 7 - 2)) }
          : plot.time
            ? { ...axis, size: 34, space: 56, values: (_, splits) => splits.map(tick) }
            : { ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
        plot.names ? { ...axis, side: 2, size: 34, space: 70, values: (_, splits) => splits.map((value) => NUMBER.format(value)) } : { ...axis, size: (_, ticks) => 16 + 7.5 * Math.max(2, ...(ticks || []).map((text) => text.length)), values: (_, splits) => splits.map((value) => NUMBER.format(value) + percent) },
      ],
      series: [{}, ...plot.series.map((series, place) => ({ ...seriesOptions(plot, series, place), show: state.shown[place] }))],
      cursor: {
        x: !plot.names, y: false, drag: { x: !plot.names, y: false },
        points: { show: (_, place) => plot.series[place - 1].style === "step" ? undefined : false, size: 7 },
        dataIdx: (_, __, ___, at) => indexAt(plot, at),
      },
      hooks: {
        drawAxes: [drawMarks(plot)],
        setSelect: [() => { state.zoom = true; }],
        setCursor: [(chart) => {
          const { left, top } = chart.cursor;
          const inside = left >= 0 && top >= 0;
          state.read(inside ? indexAt(plot, chart.posToVal(plot.names ? top : left, "x")) : null);
        }],
      },
    };
    /* The tallest of stacked bars is drawn first, so that the others stand before it. */
    let rows = [plot.x, ...values];
    if (plot.stacked) {
      options.series = [{}, ...options.series.slice(1).reverse()];
      rows = [plot.x, ...values.slice().reverse()];
    }
    const chart = new uPlot(options, rows, state.canvas);
    chart.over.addEventListener("dblclick", () => { state.zoom = false; chart.setScale("x", { min: ends[0], max: ends[1] }); });
    return chart;
  };

  const readout = (plot, state, redraw) => {
    const list = element("ul", "readout");
    const at = element("p", "at");
    const outputs = plot.series.map((series, place) => {
      const item = element("li");
      const button = element("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      button.append(element("span", "swatch " + series.tone), element("span", "", series.label));
      const output = element("output");
      button.append(output);
      button.addEventListener("click", () => {
        state.shown[place] = !state.shown[place];
        button.setAttribute("aria-pressed", String(state.shown[place]));
        redraw();
      });
      item.append(button);
      list.append(item);
      return output;
    });
    const limit = plot.marks.find((mark) => mark.axis === "y");
    if (limit) {
      const item = element("li", "");
      const button = element("button", "tool", "Scale to the data");
      button.type = "button";
      button.addEventListener("click", () => {
        state.toLimit = !state.toLimit;
        button.textContent = state.toLimit ? "Scale to the data" : "Scale to the limit";
        redraw();
      });
      item.append(button);
      list.append(item);
    }
    const spoken = element("p", "unseen");
    spoken.setAttribute("aria-live", "polite");
    const place = (index) => plot.names ? plot.names[index] : plot.time ? (plot.width ? "" : "since ") + stamp(plot.x[index]) : NUMBER.format(plot.x[index]) + (plot.width > 1 ? "–" + NUMBER.format(plot.x[index] + plot.width - 1) : "");
    const said = (series, index) => {
      const text = series.texts ? series.texts[index] : series.values[index];
      return text === null || text === undefined ? "" : typeof text === "number" ? NUMBER.format(text) : text;
    };
    state.read = (index) => {
      const known = index !== null;
      at.textContent = known ? place(index) + " " + plot.x_label : "";
      plot.series.forEach((series, number) => { outputs[number].textContent = known ? said(series, index) : ""; });
      if (known && state.speaks) {
        spoken.textContent = place(index) + ": " + plot.series.map((series) => series.label + " " + (said(series, index) || "none")).join(", ");
      }
    };
    state.read(null);
    return [at, list, spoken];
  };

  const keys = (host, plot, state, chart) => {
    host.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity, PageUp: -10, PageDown: 10 }[event.key];
      if (event.target !== state.canvas || step === undefined) return;
      event.preventDefault();
      const from = state.index === undefined ? (step > 0 ? -1 : plot.x.length) : state.index;
      state.index = Math.max(0, Math.min(plot.x.length - 1, from + step));
      state.speaks = true;
      const middle = plot.time ? plot.width / 2 : 0;
      const at = chart().valToPos(plot.x[state.index] + middle, "x") + 0.01;
      chart().setCursor(plot.names ? { left: 20, top: at } : { left: at, top: 20 });
      state.speaks = false;
    });
  };

  const show = (host, plot) => {
    host.replaceChildren();
    const state = { shown: plot.series.map(() => true), toLimit: true, zoom: false, canvas: element("div", "canvas") };
    state.canvas.tabIndex = 0;
    state.canvas.setAttribute("role", "img");
    state.canvas.setAttribute("aria-label", host.getAttribute("aria-label") + " Arrow keys read its values; the table below has them all.");
    let chart;
    const redraw = () => {
      if (chart) chart.destroy();
      chart = draw(host, plot, state);
    };
    host.append(state.canvas, ...readout(plot, state, redraw));
    redraw();
    keys(host, plot, state, () => chart);
    drawn.set(host, redraw);
  };

  /* A plot is drawn again when its width or the colours change. */
  const sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const width = Math.round(contentRect.width);
      if (width && drawn.has(target) && Number(target.dataset.width) !== width) {
        target.dataset.width = width;
        drawn.get(target)();
      }
    }
  });
  const again = () => drawn.forEach((redraw) => redraw());
  dark.addEventListener("change", again);
  new MutationObserver(again).observe(root, { attributes: true, attributeFilter: ["data-theme"] });

  /* Draw a plot (`Plot.drawn()` of the report) in a place, instead of what is drawn there. */
  const place = (host, plot) => {
    show(host, plot);
    host.dataset.width = host.clientWidth;
    sizes.observe(host);
  };
  /* Forget the plots whose places are no longer in the page. */
  const forget = () => {
    for (const host of drawn.keys()) if (!host.isConnected) { drawn.delete(host); sizes.unobserve(host); }
  };
  return { place, forget, again };
})();
