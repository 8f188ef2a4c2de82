"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  // ---------------------------------------------------------------- light and dark
  const remembered = {
    get() { try { return localStorage.getItem("mcp-authspec-theme"); } catch { return null; } },
    set(theme) { try { localStorage.setItem("mcp-authspec-theme", theme); } catch { /* a page from a file may keep nothing */ } },
  };
  const theme = $("#theme");
  const known = remembered.get();
  if (known === "light" || known === "dark") root.dataset.theme = known;
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remembered.set(root.dataset.theme);
  });

  // ---------------------------------------------------------------- filter
  const form = $("#filter");
  const items = all("[data-item]").map((element) => ({
    element,
    kinds: element.dataset.kinds.split(" ").filter(Boolean).map((kind) => kind.split("/")),
    words: null,
  }));
  const textOf = (item) => (item.words ??= item.element.textContent.toLowerCase());
  const pressed = (name) => all(`[data-filter="${name}"][aria-pressed="true"]`).map((button) => button.dataset.value);

  function apply() {
    const verdicts = pressed("verdict");
    const levels = pressed("level");
    const area = $("#area").value;
    const words = $("#text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const asked = verdicts.length || levels.length || area;
    const fits = ([verdict, level, of]) =>
      (!verdicts.length || verdicts.includes(verdict)) && (!levels.length || levels.includes(level)) && (!area || area === of);
    let shown = 0;
    for (const item of items) {
      const visible = (!asked || item.kinds.some(fits)) && words.every((word) => textOf(item).includes(word));
      item.element.hidden = !visible;
      shown += visible;
    }
    for (const group of all("[data-group]")) {
      for (const body of all("tbody", group)) body.hidden = !$("[data-item]:not([hidden])", body);
      $(".nothing", group).hidden = !!$("[data-item]:not([hidden])", group);
    }
    $("#shown").textContent = shown === items.length ? "" : `${shown} of ${items.length}`;
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter]");
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

  // ---------------------------------------------------------------- what a link leads to is opened, even if a filter hides it
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden) $("#clear").click();
    if (target.matches("details")) target.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", follow);
  follow();

  // ---------------------------------------------------------------- copy
  for (const button of all(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = $("code", button.parentElement);
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        getSelection().selectAllChildren(code);
        document.execCommand("copy");
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  // ---------------------------------------------------------------- on paper, findings lose nothing
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all(".finding details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
