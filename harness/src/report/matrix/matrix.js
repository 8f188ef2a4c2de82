"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  // ---------------------------------------------------------------- light and dark
  const theme = $("#theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // ---------------------------------------------------------------- filter
  const form = $("#filter");
  const rows = all("tr[data-kinds], section[data-evidence]").map((element) => ({
    element,
    kinds: new Set(element.dataset.kinds.split(" ")),
    isRow: element.matches("tr"),
    text: null,
  }));
  const total = rows.filter((row) => row.isRow).length;
  const pressed = (name) => all(`[data-${name}][aria-pressed="true"]`, form).map((button) => button.dataset[name]);

  function apply() {
    const kinds = pressed("kind");
    const levels = pressed("level");
    const area = $("#area").value;
    const words = $("#text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const visible =
        kinds.every((kind) => row.kinds.has(kind)) &&
        (!levels.length || levels.some((level) => row.kinds.has(level))) &&
        (!area || row.kinds.has(area)) &&
        words.every((word) => (row.text ??= row.element.textContent.toLowerCase()).includes(word));
      row.element.hidden = !visible;
      if (row.isRow) shown += visible;
    }
    for (const body of all(".matrix tbody")) body.hidden = !$("tr[data-kinds]:not([hidden])", body);
    $("#nothing").hidden = shown > 0;
    $("#shown").textContent = shown === total ? "" : `${shown} of ${total}`;
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[aria-pressed]");
    if (!button) return;
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    apply();
  });
  $("#clear").addEventListener("click", () => {
    for (const button of all("[aria-pressed='true']", form)) button.setAttribute("aria-pressed", "false");
    form.reset();
    apply();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      $("#text").focus();
    }
  });

  // ---------------------------------------------------------------- a cell opens its evidence
  function follow() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.matches("details")) return;
    if (target.closest("[hidden]")) $("#clear").click();
    target.open = true;
    target.scrollIntoView({ block: "center" });
  }
  addEventListener("hashchange", follow);
  follow();
})();
