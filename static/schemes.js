/* Forms of points rules: only the fields that count are shown, and a rule in words as it is typed.
   Without this all fields stand there, and the button shows the words. */

const form = document.querySelector("form[data-rule]");

// data-shown-if="amount=table" or "step": a field has one of these values, or any.
function fits(condition) {
  const [name, wanted] = condition.split("=");
  const value = new FormData(form).get(name) ?? "";
  return wanted === undefined ? value !== "" : wanted.split(",").includes(value);
}

function show() {
  for (const part of form.querySelectorAll("[data-shown-if]")) {
    part.hidden = !fits(part.dataset.shownIf);
  }
}

// The words are asked for when typing rests; only the latest answer counts.
const words = document.getElementById("words");
let waiting = 0;
let asked = null;

async function say() {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(form.dataset.words, {
      method: "POST", body: new URLSearchParams(new FormData(form)), signal: asked.signal,
    });
    if (answer.ok) words.innerHTML = await answer.text();
  } catch { /* overtaken, or no network: the words stay as they were */ }
}

form.addEventListener("input", () => {
  show();
  if (!words) return;
  clearTimeout(waiting);
  waiting = setTimeout(say, 400);
});

// What was typed before this script had come, or was put back by the browser, is said as well.
function typed(field) {
  return field.checked !== field.defaultChecked
    || ("defaultValue" in field && field.value !== field.defaultValue);
}

if (words && [...form.elements].some(typed)) say();

// Other rows or columns need another table, which the server draws.
form.addEventListener("change", (event) => {
  if (["rows", "columns"].includes(event.target.name)) form.querySelector("[name=draw]").click();
});
show();
