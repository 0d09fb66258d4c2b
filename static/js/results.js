// Where a list of experts is swapped while somebody reads it. htmx gives the focus back to a link that is there again;
// if its card has gone, the list gets it, not the top of the page. And sliders say their numbers.
(() => {
  let inside = false;

  document.addEventListener("htmx:beforeSwap", (event) => {
    inside = event.detail.target.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (inside && document.activeElement === document.body) document.getElementById("results").focus({ preventScroll: true });
    inside = false;
  });
  document.addEventListener("input", ({ target }) => {
    if (target.type === "range") document.getElementById(`${target.id}_shown`).value = target.value;
  });
})();
