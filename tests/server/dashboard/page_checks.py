"""What is checked of a page inside the browser, as functions for `page.evaluate`."""

from __future__ import annotations

POOR_CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (css) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest(":disabled, .unseen, .skip")) continue;
    const front = luminance(rgba(getComputedStyle(element).color));
    const back = luminance(ground(element));
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (ratio < 4.5) poor.push([text.slice(0, 40), Math.round(ratio * 100) / 100]);
  }
  return poor;
}
"""
"""Visible texts with less than the contrast of 4.5 to 1 (WCAG 2.2, 1.4.3), each with what it has."""

UNNAMED = """
() => {
  const controls = "input:not([type=hidden]), select, textarea, button, summary, a";
  const named = (one) =>
    (one.labels && one.labels.length) || one.getAttribute("aria-label") || one.textContent.trim();
  return [...document.querySelectorAll(controls)].filter((one) => !named(one)).map((one) => one.outerHTML);
}
"""
"""Controls that have no name that could be read out."""

SPILLED = """
() => {
  const boxes = ".card, .scroll, .tiles > div, .gauges li, .entries > li, .nothing";
  const spilled = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    const box = element.closest(boxes);
    if (!box || !text || element.closest("option, pre") || !element.checkVisibility()) continue;
    let cut = false;
    for (let at = element; at !== box; at = at.parentElement)
      cut ||= getComputedStyle(at).overflowX !== "visible";
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const most = box.getBoundingClientRect().right - parseFloat(getComputedStyle(box).paddingRight);
    const right = range.getBoundingClientRect().right;
    if (!cut && right > most + 1) spilled.push([text.slice(0, 40), Math.round(right - most)]);
  }
  return spilled;
}
"""
"""Texts that reach into the padding of the box they are in, or out of it, each with how many pixels."""

COLUMNS = """
(selector) => [...new Set(
  [...document.querySelectorAll(selector)].map((one) => Math.round(one.getBoundingClientRect().left))
)]
"""
"""Where the elements of a selector begin, in pixels from the left: one place if they are a column."""

HEIGHTS = """
(selector) => [...new Set([...document.querySelectorAll(selector)].map((one) => one.offsetHeight))]
"""
"""Which heights the elements of a selector have."""
