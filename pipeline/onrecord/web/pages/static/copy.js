// Buttons that copy the text of an element. Without JavaScript the text can be selected.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const text = document.getElementById(button.dataset.copies);
  const told = document.getElementById(button.dataset.tells);
  button.hidden = false;
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.innerText);
      told.textContent = "Copied";
    } catch {
      // Browsers give the clipboard to pages of this machine and over TLS only.
      told.textContent = "Selected: copy it with your keyboard";
    }
  });
}
