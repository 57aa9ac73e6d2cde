/* A hand scanner is a keyboard that types a code in a burst and then Enter or Tab. It must work with
   no field focused, and with a Chinese input method switched on. */

const GAP = 50; // milliseconds between two keys, by the median: no person types as fast
const PAUSE = 300; // a longer one begins anew; a shorter one may be this tablet, busy with something else,
// and to begin anew there would take a code without its head for a whole one
const LEAST = 4;

// What a key types where the input method keeps the character to itself and tells only the key.
const PLAIN = { Minus: "-", Slash: "/", Period: ".", Semicolon: ";", Equal: "=", Comma: "," };
const SHIFTED = { Minus: "_", Slash: "?", Semicolon: ":", Equal: "+", Digit7: "&" };

/** Full-width letters, digits and the input method's punctuation, made plain. */
export function plain(text) {
  return text.replaceAll("。", ".").replaceAll("、", "/").normalize("NFKC").replace(/[\s\p{Cc}]+/gu, "");
}

function character(event) {
  if (event.key.length === 1) return event.key;
  if (event.key !== "Process" && event.key !== "Unidentified") return "";
  if (event.shiftKey && SHIFTED[event.code]) return SHIFTED[event.code];
  const named = /^(?:Digit|Numpad|Key)([0-9A-Z])$/.exec(event.code);
  if (!named) return PLAIN[event.code] ?? "";
  return event.code.startsWith("Key") && !event.shiftKey ? named[1].toLowerCase() : named[1];
}

function ends(event) {
  const name = event.key === "Process" ? event.code : event.key;
  return name === "Enter" || name === "NumpadEnter" || name === "Tab";
}

function typesIn(element) {
  return element instanceof HTMLElement && (element.isContentEditable
    || element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit], [type=file])"));
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

/** Calls *take* with each code scanned, unless it is being typed in a field other than *own*. */
export function listen(take, own) {
  let burst = "";
  let gaps = [];
  let last = -Infinity;
  document.addEventListener("keydown", (event) => {
    const inOwn = event.target === own;
    if ((typesIn(event.target) && !inOwn) || event.ctrlKey || event.altKey || event.metaKey || event.repeat) {
      burst = "";
      return;
    }
    // The event's own time: reading a camera frame may have kept this code waiting.
    const gap = event.timeStamp - last;
    if (ends(event)) {
      const code = plain(burst);
      const scanned = gap <= PAUSE && code.length >= LEAST && median([...gaps, gap]) <= GAP;
      burst = "";
      if (!scanned) return;
      event.preventDefault(); // or Enter presses the button that has the focus
      event.stopImmediatePropagation();
      take(code);
      return;
    }
    const typed = character(event);
    if (!typed) return; // Shift and the like come between the keys of a burst
    if (gap > PAUSE || !burst) [burst, gaps] = [typed, []];
    else [burst, gaps] = [burst + typed, [...gaps, gap]];
    last = event.timeStamp;
    // "/" opens the search of one browser, a space presses a button
    if (gap <= GAP && !inOwn) event.preventDefault();
  }, true);
}
