// Makes pages quicker and handier. Nothing here is needed: links, forms and <details> work without it.
"use strict";
const root = document.documentElement;
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// Times are shown in the browser's zone until the person chooses one (audit:preferences sets the same cookie).
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !/(^|; )time_zone=/.test(document.cookie)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `time_zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}
document.addEventListener("focusin", (event) => {
  const list = event.target.list;
  if (list?.id !== "time-zones" || list.options.length || !Intl.supportedValuesOf) return;
  list.append(...Intl.supportedValuesOf("timeZone").map((name) => new Option(name, name)));
});

// Light and dark change at once; the choice is kept by the same form.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-theme-form]") || !submitter) return;
  event.preventDefault();
  root.dataset.bsTheme = submitter.value;
  fetch(form.action, { method: "POST", body: new FormData(form, submitter), redirect: "manual" });
  each("[data-theme-form] button", (button) => button !== submitter && button.focus());
});

// Menus close by a click elsewhere and by Escape.
document.addEventListener("click", (event) => {
  each("details.dd[open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  each("details.dd[open]", (menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

// The settings form: the switch opens the rest, the destination suggests an address, the bar appears with a change.
document.addEventListener("change", (event) => {
  const { enable, placeholder } = event.target.dataset;
  if (enable) document.querySelector(enable).disabled = !event.target.checked;
  if (placeholder) document.getElementById("id_url").placeholder = placeholder;
});
each("details.secret", (secret) => secret.addEventListener("toggle", () => {
  const field = secret.querySelector("input");
  if (secret.open) field.focus(); else field.value = "";
}));
each(".savebar[data-clean]", (bar) => {
  bar.hidden = true;
  bar.closest("form").addEventListener("input", () => { bar.hidden = false; });
});
each("[data-focus]", (summary) => summary.focus());

// While the log is on its way its rows say so; what has come is a new part, which is not busy.
const busy = (target, is) => target.id === "log" && each("#results", (part) => { part.ariaBusy = is; });
document.addEventListener("htmx:beforeSend", ({ detail }) => busy(detail.target, "true"));
// What a filter finds is said where a live region stood before: one that has just come is not heard.
document.addEventListener("htmx:load", ({ target }) => {
  const found = target.id === "log" && target.querySelector(".pager [role=status], #results h2");
  if (found) each("#said", (said) => { said.textContent = found.textContent.trim().replace(/\s+/g, " "); });
});

// A page that asks by itself must not fall silent: what the server could not answer is said.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    busy(detail.target, "false");
    each("#no-answer", (note) => { note.hidden = false; });
  });
}
document.addEventListener("htmx:beforeSwap", (event) => {
  each("#no-answer", (note) => { note.hidden = true; });
  // The new page may come with the same menu open: two of one name cannot be, even for a moment.
  event.detail.target.querySelectorAll("details.dd[open]").forEach((menu) => { menu.open = false; });
});
