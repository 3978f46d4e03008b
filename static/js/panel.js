// Opens an entry beside the table without loading the table again. Without this, each link loads the whole page.
"use strict";
(() => {
  const panel = () => document.querySelector("aside.panel");
  const rowOf = (id) => id && document.querySelector(`tr[data-entry="${CSS.escape(id)}"]`);
  const entryOf = (address) => new URL(address, location).searchParams.get("entry");
  const listOf = (address) => { const url = new URL(address, location); url.hash = ""; url.searchParams.delete("entry"); return url; };
  const heading = () => panel()?.querySelector("#entry-title");
  let list = String(listOf(location)), wanted;

  const mark = (id) => {
    document.querySelectorAll("tr.is-current").forEach((row) => { row.classList.remove("is-current"); row.removeAttribute("aria-current"); });
    const row = rowOf(id);
    row?.classList.add("is-current");
    row?.setAttribute("aria-current", "true");
    panel()?.querySelectorAll("[data-step]").forEach((link) => {
      let next = row;
      do { next = link.dataset.step === "1" ? next?.nextElementSibling : next?.previousElementSibling; } while (next && !next.dataset.entry);
      if (!next) return;
      link.href = next.querySelector("a.act").href;
      link.hidden = false;
    });
    row?.scrollIntoView({ block: "nearest" });
  };
  const shut = () => {
    const id = panel().dataset.entry;
    wanted = null; panel().remove();
    document.body.classList.remove("has-panel");
    mark(null);
    rowOf(id)?.querySelector("a.act").focus({ preventScroll: true });
  };
  const show = async (address) => {
    const page = listOf(wanted = address);
    page.pathname += `${entryOf(address)}/`;
    const answer = await fetch(page, { headers: { "HX-Request": "true" } }).catch(() => null);
    const made = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html").querySelector("aside.panel");
    if (address !== wanted) return; // another one was asked for meanwhile
    if (!made) { location.assign(address); return; }
    panel()?.remove(); document.body.append(made);
    document.body.classList.add("has-panel");
    mark(made.dataset.entry);
    offerCopy();
    heading().focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const closes = link.matches("[data-close]"), opens = entryOf(link.href) && link.matches("table.log a.act, a.kv-more, [data-step]");
    if (!(closes || opens) || String(listOf(link.href)) !== String(listOf(location))) return;
    event.preventDefault();
    history.pushState({ panel: true }, "", link.href);
    if (closes) shut(); else show(link.href);
  });
  // Before the menus hear of it: one press closes one thing.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel() || document.querySelector("details.dd[open], dialog[open], :popover-open")) return;
    panel().querySelector("[data-close]")?.click();
  }, true);
  addEventListener("popstate", (event) => {
    if (event.state?.htmx) return;
    if (String(listOf(location)) !== list) location.reload();
    else if (entryOf(location)) show(location.href);
    else if (panel()) shut(); else wanted = null;
  });
  document.addEventListener("htmx:pushedIntoHistory", () => {
    list = String(listOf(location));
    if (panel() && !entryOf(location)) shut();
  });

  const offerCopy = () => document.querySelectorAll("[data-copy-from]").forEach((button) => { button.hidden = !window.ClipboardItem; });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-from]"), words = button?.querySelector("span");
    if (!button) return;
    const text = fetch(button.dataset.copyFrom).then((answer) => answer.blob()).then((file) => new Blob([file], { type: "text/plain" }));
    words.textContent = await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]).then(() => "Copied", () => "Not copied");
    setTimeout(() => { words.textContent = "Copy JSON"; }, 2000);
  });
  offerCopy();
  if (document.activeElement === document.body) heading()?.focus({ preventScroll: true });
})();
