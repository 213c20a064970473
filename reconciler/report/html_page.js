"use strict";
// Searching and narrowing; without it the page is the same, less these.
(() => {
  const form = document.getElementById("controls");
  if (!form) return;
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const clear = document.getElementById("clear");
  const buttons = [...form.querySelectorAll("[data-filter]")];
  const changes = [...document.querySelectorAll("details.change")].map((element) => ({
    element,
    change: element.dataset.change,
    host: element.dataset.host,
    text: null,
    visible: true,
  }));

  const number = new Intl.NumberFormat("en");
  const textOf = (one) => (one.text ??= one.element.textContent.toLowerCase());
  const pressed = (filter) => new Set(
    buttons.filter((one) => one.dataset.filter === filter && one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.value)
  );

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = { change: pressed("change"), host: pressed("host") };
    const inside = (one, filter) => !chosen[filter].size || chosen[filter].has(one[filter]);
    const counts = { change: new Map(), host: new Map() };
    let left = 0;
    for (const one of changes) {
      const found = words.every((word) => textOf(one).includes(word));
      const [byChange, byHost] = [inside(one, "change"), inside(one, "host")];
      // A button tells what pressing it would leave, given the search and the other row of buttons.
      if (found && byHost) counts.change.set(one.change, (counts.change.get(one.change) ?? 0) + 1);
      if (found && byChange) counts.host.set(one.host, (counts.host.get(one.host) ?? 0) + 1);
      const visible = found && byChange && byHost;
      left += visible;
      if (visible !== one.visible) {
        one.visible = visible;
        one.element.hidden = !visible;
      }
    }
    for (const one of buttons) {
      const count = counts[one.dataset.filter].get(one.dataset.value) ?? 0;
      one.querySelector(".count").textContent = number.format(count);
      one.classList.toggle("none", !count);
    }
    const all = changes.length;
    shown.textContent = left === all ? `${number.format(all)} shown` : `${number.format(left)} of ${number.format(all)} shown`;
    clear.hidden = !words.length && !chosen.change.size && !chosen.host.size;
  }

  function showAll() {
    search.value = "";
    for (const one of buttons) one.setAttribute("aria-pressed", "false");
    narrow();
  }

  function setOpen(open) {
    for (const one of changes) if (one.visible) one.element.open = open;
  }

  // A link of the picture leads to its change, whatever is narrowed.
  function follow() {
    const target = /^#c\d+$/.test(location.hash) && document.querySelector(location.hash);
    if (!target) return;
    if (target.hidden) showAll();
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(narrow, changes.length > 500 ? 120 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter]");
    if (!button) return;
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "true" ? "false" : "true");
    narrow();
  });
  document.getElementById("open-all").addEventListener("click", () => setOpen(true));
  document.getElementById("close-all").addEventListener("click", () => setOpen(false));
  clear.addEventListener("click", () => {
    showAll();
    search.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      narrow();
    }
  });
  // Not on hashchange: the same link a second time changes none.
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[href^='#c']")) setTimeout(follow);
  });

  form.hidden = false;
  narrow();
  follow();
})();
