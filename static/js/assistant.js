// A draft's page: copy the text, count its words while it is edited, and keep the focus where the page fills in.
(() => {
  const WORD = /[\p{L}\p{N}_]+/gu;
  const UNSPACED = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g;

  // As content_assistant.learning.count: two signs of a script without spaces make about a word.
  const count = (text) => {
    const signs = (text.match(UNSPACED) || []).length;
    return (text.replace(UNSPACED, " ").match(WORD) || []).length + Math.floor((signs + 1) / 2);
  };
  const show = () => {
    for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = !navigator.clipboard;
  };
  let inside = false;

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = button.dataset.done;
  });
  document.addEventListener("input", ({ target }) => {
    const shown = document.querySelector("[data-words]");
    if (target.id === "id_text" && shown) shown.textContent = count(target.value).toLocaleString(document.documentElement.lang);
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    inside = detail.target.id === "draft" && detail.target.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (inside && document.activeElement === document.body) document.getElementById("draft").focus({ preventScroll: true });
    inside = false;
    show();
  });
  show();
})();
