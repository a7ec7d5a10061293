/* Buttons with data-copy put the text of the element with that id on the clipboard. */
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    // The clipboard interface exists only on https and loopback.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(source.textContent);
    } else {
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
  });
}
