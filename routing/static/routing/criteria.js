// Shows below a criterion's value what it takes, out of the list at the end of the page.
(() => {
  const update = (kind) => {
    const value = kind.closest("tr").querySelector(".field-value input");
    const help = document.querySelector(`.criteria-help dd[data-kind="${kind.value}"]`);
    let hint = value.parentElement.querySelector(".criterion-hint");
    if (!hint) {
      hint = document.createElement("div");
      hint.className = "criterion-hint help";
      value.after(hint);
    }
    hint.textContent = help ? help.textContent : "";
    value.placeholder = help ? help.dataset.example : "";
  };
  const updateAll = () => document.querySelectorAll("#criteria-group .field-kind select").forEach(update);
  document.addEventListener("DOMContentLoaded", updateAll);
  document.addEventListener("formset:added", updateAll);
  document.addEventListener("change", (event) => {
    if (event.target.matches("#criteria-group .field-kind select")) update(event.target);
  });
})();
