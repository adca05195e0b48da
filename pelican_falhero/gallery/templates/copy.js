"use strict";
{
  // Browsers that refuse a page from the disk the clipboard still copy what is selected.
  const copy = async code => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(code);
      return document.execCommand("copy");
    }
  };

  for (const button of document.querySelectorAll(".next button")) {
    button.hidden = false;
    const label = button.firstChild;
    button.addEventListener("click", async () => {
      const done = await copy(button.parentElement.querySelector("code"));
      label.data = done ? "Copied" : "Selected";
      setTimeout(() => { label.data = "Copy"; }, 2000);
    });
  }
}
