/*
 * Unfold draws many of its controls as plain elements that only a mouse can press, and its icons as words in a font that
 * turns them into pictures, which a screen reader reads out. This gives controls a role, a name, a state and the keyboard,
 * silences the icons and names the landmarks. docs/adr/0006-admin-for-everybody.md says why it is a script.
 */
"use strict";

(() => {
  const ICON = ".material-symbols-outlined";
  const PRESSED_BY_MOUSE = "[x-on\\:click]:not(a[href], button, input, select, textarea, #changelist-filter-close)";
  const PRESSED_BY_SCRIPT = `${PRESSED_BY_MOUSE}, a[href="#"][x-on\\:click], a[hx-get]:not([href])`;
  const TABS = "#tabs-items > *, nav > [x-on\\:click*='activeFieldsetTab']";
  let names = {};

  function makeButton(control) {
    if (control.role === "button") return;
    control.role = "button";
    control.tabIndex = 0;
    const opens = control.getAttribute("x-on:click")?.match(/^((?!showPassword)\w+) = !\1\b/)?.[1];
    if (opens) Alpine.effect(() => (control.ariaExpanded = Boolean(Alpine.evaluate(control, opens))));
    const theme = control.getAttribute("x-on:click")?.match(/^switchTheme\('(\w+)'\)$/)?.[1];
    if (theme) Alpine.effect(() => (control.ariaPressed = Alpine.evaluate(control, "adminTheme") === theme));
  }

  function wordsOf(control) {
    const copy = control.cloneNode(true);
    for (const icon of copy.querySelectorAll(ICON)) icon.remove();
    return control.matches(ICON) ? "" : copy.textContent.trim();
  }

  function nameByIcon(control) {
    if (control.ariaLabel || wordsOf(control)) return;
    const icon = control.matches(ICON) ? control : control.querySelector(ICON);
    const name = control.title || names[icon?.textContent.trim()];
    if (name) control.ariaLabel = name;
  }

  function silence(icon) {
    if (!icon.title) icon.ariaHidden = "true";
    else if (!icon.role) Object.assign(icon, { role: "img", ariaLabel: icon.title });
  }

  /* Select2 names its box by the value alone, which is nothing at first. */
  function nameSelect(box) {
    const value = box.querySelector(".select2-selection__rendered");
    const select = box.closest(".select2-container")?.previousElementSibling;
    const label = select?.labels?.[0] ?? box.closest("#changelist-filter div:has(> h3)")?.querySelector("h3");
    if (!value || !label) return;
    label.id ||= `${value.id}-label`;
    value.role = value.ariaReadOnly = null; // nobody types into it
    box.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
  }

  function nameLandmarks() {
    const title = document.querySelector("h1")?.textContent.trim().replace(/\s+/g, " ");
    document.getElementById("main")?.setAttribute("role", "main");
    for (const [selector, name] of [
      ["#nav-sidebar-inner", names.sections],
      ["#tabs-items", names.views],
      ["#tabs-dropdown", names.more_horiz],
    ]) {
      document.querySelector(selector)?.setAttribute("aria-label", name);
    }
    // Simplebar calls every box that scrolls a region of the same name.
    for (const box of document.querySelectorAll(".simplebar-content-wrapper")) {
      const heading = box.closest("[data-inline-type]")?.querySelector("h2")?.textContent.trim();
      if (box.querySelector("table")) box.ariaLabel = heading || title;
      else box.removeAttribute("role");
    }
    for (const box of document.querySelectorAll(".staff-scroll")) {
      Object.assign(box, { role: "region", tabIndex: 0, ariaLabel: box.querySelector("h2")?.textContent.trim() });
    }
  }

  function improve() {
    const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
    all(PRESSED_BY_SCRIPT, makeButton);
    all("a[href], button, [role=button]", nameByIcon);
    all(`${ICON}:not([role=button])`, silence);
    all(TABS, (tab) => (tab.ariaCurrent = tab.classList.contains("active") ? "true" : null));
    all("#nav-sidebar a.active", (link) => (link.ariaCurrent = "page"));
    all(".select2-selection[role=combobox]", nameSelect);
    all("#changelist-filter h3", (heading) => Object.assign(heading, { role: "heading", ariaLevel: "2" }));
    all(".date-icon, .clock-icon", (icon) => (icon.parentElement.ariaLabel = icon.title));
    all(".calendarbox", (box) => Object.assign(box, { role: "dialog", ariaLabel: names.calendar }));
    all(".clockbox", (box) => Object.assign(box, { role: "dialog", ariaLabel: names.clock }));
    nameLandmarks();
  }

  document.addEventListener("keydown", (event) => {
    const control = event.target.closest?.("[role=button]:not(button)");
    if (!control || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    control.click();
  });

  document.addEventListener("alpine:initialized", () => {
    names = document.getElementById("control-names")?.dataset ?? names; // not on the page after signing out
    improve();
    // Rows are added, tabs change, menus are moved about. After Alpine, which watches too.
    let due = 0;
    new MutationObserver(() => {
      cancelAnimationFrame(due);
      due = requestAnimationFrame(improve);
    }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
  });
})();
