// A click on a value in a row filters by it, as its link says; with Alt held it is left out instead.
"use strict";
document.addEventListener("click", (event) => {
  const link = event.altKey && event.target.closest?.("a[data-value]");
  if (!link) return;
  event.preventDefault();
  // The value stands at the end of its link's address.
  const address = new URL(link.href);
  const [name, value] = [...address.searchParams].at(-1);
  address.searchParams.delete(name, value);
  if (!address.searchParams.has(`not.${name}`, value)) address.searchParams.append(`not.${name}`, value);
  location.assign(address);
});
