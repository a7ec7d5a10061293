// Rules are dragged by their handles; where one is dropped, the new order of all that are shown is sent to the server.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("arrange");
  const body = document.querySelector("#result_list tbody");
  if (!form || !body) return;
  const handles = () => [...body.querySelectorAll(".drag-handle")];
  const order = () => handles().map((handle) => handle.dataset.rule);
  let dragged = null;
  let before = [];

  for (const handle of handles()) {
    handle.draggable = true;
    handle.addEventListener("dragstart", (event) => {
      dragged = handle.closest("tr");
      before = order();
      dragged.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", handle.dataset.rule);
      event.dataTransfer.setDragImage(dragged, 0, 0);
    });
    handle.addEventListener("dragend", () => {
      dragged.classList.remove("dragged");
      dragged = null;
    });
  }
  body.addEventListener("dragover", (event) => {
    const row = event.target.closest("tr");
    if (!dragged || !row) return;
    event.preventDefault();
    const { top, height } = row.getBoundingClientRect();
    if (row !== dragged) row[event.clientY < top + height / 2 ? "before" : "after"](dragged);
  });
  body.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!dragged || order().join() === before.join()) return;
    for (const id of order()) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "rule", value: id });
      form.append(input);
    }
    form.submit();
  });
});
