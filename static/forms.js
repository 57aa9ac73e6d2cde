/* Small comforts for plain forms; each page works without them. */

// A password can be looked at while it is typed; the words come from the template.
for (const box of document.querySelectorAll("[data-secret]")) {
  const input = box.querySelector("input");
  const button = box.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? box.dataset.show : box.dataset.hide;
  });
  // Sent as a password again, or the browser would offer what was typed in other text fields.
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}

// A second tap while the first is under way does nothing. The server's key is what makes it safe;
// this only spares the wait. The mark goes when the page is shown again by the back button. A form
// that fetches a file (data-download) leaves its page standing and may be sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "download" in form.dataset) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
