// The city search, after the ARIA Authoring Practices' editable combobox with list autocomplete. htmx fetches the
// options; this file adds the roles, the keys and the choice. Without it the form posts the typed text.
(() => {
  const enhance = (box) => {
    const input = box.querySelector("[data-combobox-input]");
    const chosenId = box.querySelector("[data-combobox-id]");
    const list = box.querySelector("[data-combobox-list]");
    const note = box.querySelector("[data-combobox-note]");
    const options = () => [...list.querySelectorAll("[role=option]")];
    let active = null;

    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", autocomplete: "off" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.setAttribute("aria-controls", list.id);

    const activate = (option) => {
      active?.setAttribute("aria-selected", "false");
      active = option;
      if (option) {
        option.setAttribute("aria-selected", "true");
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
      } else input.removeAttribute("aria-activedescendant");
    };

    const open = (wanted) => {
      const shown = wanted && options().length > 0;
      list.hidden = !shown;
      input.setAttribute("aria-expanded", String(shown));
      if (!shown) activate(null);
    };

    const choose = (option) => {
      input.value = option.dataset.label;
      chosenId.value = option.dataset.value;
      note.textContent = "";
      open(false);
      input.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const step = (by) => {
      const all = options();
      if (!all.length) return;
      if (list.hidden) open(true);
      const from = active ? all.indexOf(active) : by > 0 ? -1 : 0;
      activate(all[(from + by + all.length) % all.length]);
    };

    const keys = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      Escape: () => {
        if (list.hidden) input.value = chosenId.value = "";
        open(false);
      },
      Enter: () => active && choose(active),
    };

    input.addEventListener("keydown", (event) => {
      const handled = event.key in keys && !event.isComposing && (event.key !== "Enter" || active);
      if (!handled) return;
      event.preventDefault();
      keys[event.key]();
    });
    input.addEventListener("input", () => {
      chosenId.value = "";
    });
    input.addEventListener("htmx:configRequest", (event) => {
      event.detail.parameters = new FormData();
      event.detail.parameters.set("q", input.value);
    });
    list.addEventListener("htmx:afterSwap", () => {
      activate(null);
      open(document.activeElement === input);
      const count = options().length;
      note.textContent = input.value.trim() === "" ? "" : count ? note.dataset.found.replace("{n}", count) : note.dataset.none;
    });
    // mousedown, because a click would come after the input has lost the focus and closed the list
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) choose(option);
    });
    input.addEventListener("blur", () => open(false));
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-combobox]").forEach(enhance));
})();
