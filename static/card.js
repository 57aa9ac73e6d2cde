/* Keeps the screen on while the card is shown. Where that isn't offered the page works without. */
async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  try { await navigator.wakeLock?.request("screen"); } catch { /* a low battery may refuse it */ }
}
// The system lets go of the lock whenever the page is hidden.
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
