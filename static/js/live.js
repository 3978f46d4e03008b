// New entries announce themselves. htmx asks for their number; this decides when not to ask, when they load by
// themselves (live mode), and keeps "38 s ago" true. Without it the page says what it said when it was loaded.
const $ = (selector) => document.querySelector(selector);
let loading = "";

// Nothing is moved that somebody reads: they are at the top, and nothing is open, marked or in use.
const isResting = () => scrollY < 8 && !document.hidden && getSelection().isCollapsed
  && !$("details[open], dialog[open], .panel") && !document.activeElement.closest("#log table, input, select, textarea");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "newer" && document.hidden) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // The same number again is no news: a screen reader would say it again.
  const { target, xhr } = event.detail;
  if (target.id === "newer" && target.innerHTML.trim() === xhr.responseText.trim()) event.detail.shouldSwap = false;
});
const loadByItself = () => {
  const link = $("#newer [data-new]");
  if (!link || !$("[data-live=on]") || !isResting()) return;
  link.click();
  loading += " by itself";
};
document.addEventListener("htmx:afterOnLoad", (event) => {
  // A moment later: what has just come has yet to become htmx's.
  if (event.target.id === "newer") setTimeout(loadByItself, 100);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-new]");
  if (link) loading = link.textContent.trim();
});
document.addEventListener("htmx:load", (event) => {
  if (event.target.id !== "log" || !loading) return;
  $("#said").textContent = `${loading.replace(" by itself", "")}, loaded`;
  if (!loading.endsWith(" by itself")) {
    if ($("#results").getBoundingClientRect().top < 0) $("#results").scrollIntoView({ behavior: "instant" });
    $(".is-new .act")?.focus({ preventScroll: true });
  }
  loading = "";
  const opened = $(".panel")?.dataset.entry;
  if (opened) $(`tr[data-entry="${opened}"]`)?.classList.add("is-current");
});

// Of many saved views, the one that is open is in sight.
const showTab = () => {
  const tab = $(".views nav [aria-current]");
  const beyond = tab ? tab.getBoundingClientRect().right - tab.parentNode.getBoundingClientRect().right : 0;
  if (beyond > 0) tab.parentNode.scrollTo({ left: tab.parentNode.scrollLeft + beyond + 24, behavior: "instant" });
};
document.addEventListener("htmx:load", showTab);
showTab();

// How long ago, by the server's clock: the page's own may be wrong.
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const inWords = (seconds) => {
  const first = UNITS.findIndex(([size]) => seconds >= size);
  const parts = UNITS.slice(first, first + (seconds < 3600 ? 1 : 2)).map(([size, unit], place, all) => {
    const whole = Math.floor((place ? seconds % all[place - 1][0] : seconds) / size);
    return whole && `${whole} ${unit}`;
  });
  return `${parts.filter(Boolean).join(" ")} ago`;
};
setInterval(() => {
  const table = $("#results[data-now]");
  if (!table || document.hidden) return;
  table.begun ??= performance.now();
  const now = Date.parse(table.dataset.now) + performance.now() - table.begun;
  table.querySelectorAll("time.at + .sub2").forEach((age) => {
    const seconds = Math.floor((now - Date.parse(age.previousElementSibling.dateTime)) / 1000);
    if (seconds >= 1) age.textContent = inWords(seconds);
  });
}, 10_000);
