// The bars above the log are links already; this lets arrow keys move between them and a drag span several.
"use strict";
const barOf = (event) => event.target.closest?.(".hist-plot a");
const barsBeside = (bar) => [...bar.parentNode.querySelectorAll("a")];

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const bar = barOf(event);
  if (!bar || !step) return;
  const bars = barsBeside(bar);
  const next = bars[bars.indexOf(bar) + step];
  if (!next) return;
  event.preventDefault();
  bar.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
});

// From where a finger or the button went down to where it comes up: from the first bar's begin to the last one's end.
let begun = null;
const spanned = (bar) => {
  const bars = barsBeside(bar);
  const [first, last] = [bars.indexOf(begun), bars.indexOf(bar)].sort((a, b) => a - b);
  return bars.slice(first, last + 1);
};
document.addEventListener("pointerdown", (event) => {
  begun = event.button === 0 ? barOf(event) : null;
});
document.addEventListener("pointermove", (event) => {
  const bar = barOf(event);
  if (!begun || !bar || bar.parentNode !== begun.parentNode) return;
  const within = new Set(spanned(bar));
  barsBeside(bar).forEach((one) => one.classList.toggle("in-brush", within.has(one)));
});
document.addEventListener("dragstart", (event) => {
  if (barOf(event)) event.preventDefault();
});
document.addEventListener("pointerup", (event) => {
  const bar = barOf(event);
  const from = begun;
  if (from && bar && bar !== from && bar.parentNode === from.parentNode) {
    const span = spanned(bar);
    const address = new URL(span[0].href.baseVal, location);
    address.searchParams.set("to", new URL(span.at(-1).href.baseVal, location).searchParams.get("to"));
    location.assign(address);
  }
  begun = null;
  document.querySelectorAll(".in-brush").forEach((one) => one.classList.remove("in-brush"));
});
