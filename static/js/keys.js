// Keys for readers of the log. They rest in fields and menus that take text, and are turned off in the account menu
// (WCAG 2.1.4). Whatever they do, a link or a button does as well.
const first = (selector) => document.querySelector(selector);
const help = first("#keys-help");
const opener = first("[data-keys-help]");
opener.hidden = false;
opener.addEventListener("click", () => help.showModal());
// A click beside the dialog closes it; the element itself is hit only where its padding is not.
help.addEventListener("click", (event) => { if (event.target === help) help.close(); });

const rows = () => [...document.querySelectorAll("#log tr[data-entry]")];
const move = (step) => {
  const all = rows();
  const focused = all.indexOf(document.activeElement.closest("tr"));
  const here = focused < 0 ? all.findIndex((row) => row.matches(".is-current")) : focused;
  const next = all[here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1)];
  if (!next) return false;
  next.querySelector(".act").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", behavior: "instant" }); // a smooth way would never arrive while a key is held
  return true;
};
const press = (selector) => {
  const found = first(selector);
  found?.click();
  return Boolean(found);
};
const openMenu = (selector) => {
  const menu = first(selector);
  if (!menu) return false;
  menu.open = true;
  menu.querySelector(".dd-menu :is(a, button, input):not([type=hidden])").focus();
  return true;
};
const search = () => {
  const box = first("#q");
  box.focus();
  box.select();
  return true;
};
const ACTS = {
  "/": search,
  "j": () => move(1),
  "k": () => move(-1),
  "e": () => openMenu(".pagehead details.dd"),
  "l": () => press("[data-live]"),
  "[": () => press(".pager a[rel=prev]"),
  "]": () => press(".pager a[rel=next]"),
  "?": () => { help.showModal(); return true; },
};

document.addEventListener("keydown", (event) => {
  const away = event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey;
  if (away || help.open || document.body.dataset.keys === "off") return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) return;
  if (Object.hasOwn(ACTS, event.key) && ACTS[event.key]()) event.preventDefault();
});
