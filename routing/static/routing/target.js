// Shows the text for another model's name only while the list says "another model".
(() => {
  const update = (choice) => {
    const other = choice.parentElement.querySelector(".target-other");
    const wanted = choice.value.endsWith(": another");
    other.hidden = !wanted && !other.value;
    return wanted ? other : null;
  };
  const updateAll = () => document.querySelectorAll("select.target-choice").forEach(update);
  document.addEventListener("DOMContentLoaded", updateAll);
  document.addEventListener("formset:added", updateAll);
  document.addEventListener("change", (event) => {
    if (event.target.matches("select.target-choice")) update(event.target)?.focus();
  });
})();
