/* Forms that read a card: <form data-scan="submit | stay | event"> with an input named code (or marked
   data-scan-code). Typing always works; this adds the hand scanner and, where ui.scan_form drew the panel,
   the camera. docs/front-end.md says what each mode does. */

import { Camera, reason } from "./camera.js";
import { play, unlock } from "./sound.js";
import { listen, plain } from "./wedge.js";

const AGAIN = 3000; // milliseconds that a code must be out of view before it counts as shown again

// Only a mark of the last code is kept between pages, not the code.
function mark(text) {
  let sum = 5381;
  for (const letter of text) sum = (Math.imul(sum, 33) ^ letter.codePointAt(0)) >>> 0;
  return String(sum);
}

class ScanForm {
  constructor(form) {
    this.form = form;
    this.mode = form.dataset.scan || "submit";
    this.input = form.querySelector("[data-scan-code]") ?? form.elements.namedItem("code");
    this.waiting = [];
    this.sending = false;
    form.addEventListener("submit", (event) => this.submitted(event));
    const video = form.querySelector("[data-scan-view] video");
    if (video) this.drawPanel(video);
  }

  part(name) { return this.form.querySelector(`[data-scan-${name}]`); }

  say(name) {
    const line = this.part("say");
    if (line) line.textContent = name ? this.form.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "" : "";
  }

  // ── camera ──────────────────────────────────────────────────────
  drawPanel(video) {
    this.camera = new Camera(video, (text) => this.seen(text));
    this.part("acts").hidden = false;
    this.part("start").addEventListener("click", () => { unlock(); this.start(); });
    this.part("stop").addEventListener("click", () => this.stop());
    this.part("turn").addEventListener("click", () => this.start(() => this.camera.turn()));
    addEventListener("pagehide", () => this.camera.stop());
    addEventListener("pageshow", (event) => { if (event.persisted) this.resume(); });
    this.resume();
  }

  /** A till that scanned on the last page goes on scanning on this one. */
  async resume() {
    this.leaving = false;
    this.showCamera(false);
    if (sessionStorage.getItem("scan") !== "on") return;
    const granted = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
    if (granted?.state === "granted") this.start();
  }

  async start(begin = () => this.camera.start()) {
    this.part("start").disabled = true;
    this.showCamera(true);
    try {
      await begin();
      sessionStorage.setItem("scan", "on");
      this.say("start");
      this.part("turn").hidden = (await this.camera.others()).length < 2;
    } catch (error) {
      this.camera.stop();
      this.showCamera(false);
      this.say(reason(error));
    } finally {
      this.part("start").disabled = false;
    }
  }

  stop() {
    this.camera.stop();
    sessionStorage.removeItem("scan");
    this.showCamera(false);
    this.say("stop");
    this.part("start").focus(); // the button that had the focus is gone
  }

  showCamera(shown) {
    const focused = document.activeElement === this.part("start");
    this.part("view").hidden = !shown;
    this.part("start").hidden = shown;
    this.part("stop").hidden = !shown;
    if (!shown) this.part("turn").hidden = true;
    if (shown && focused) this.part("stop").focus();
  }

  seen(text) {
    if (this.leaving) return;
    const [last, at] = (sessionStorage.getItem("scan-last") ?? "").split(" ");
    const known = last === mark(text) && Date.now() - Number(at) < AGAIN;
    sessionStorage.setItem("scan-last", `${mark(text)} ${Date.now()}`);
    if (known) return; // still in view: its time begins anew
    this.take(text, "camera");
  }

  // ── one code, wherever from ─────────────────────────────────────
  take(code, source) {
    if (this.leaving) return;
    if (source === "camera") {
      play("read");
      this.say("read");
      this.form.dataset.read = "";
      setTimeout(() => { delete this.form.dataset.read; }, 600);
    }
    if (this.mode === "stay" && this.sending) {
      this.waiting.push(code); // the next in the queue at the door is not to be lost
      return;
    }
    this.input.value = code;
    if (this.mode === "event") this.tell(source);
    else this.form.requestSubmit();
  }

  tell(source) {
    this.form.dispatchEvent(new CustomEvent("scan", { bubbles: true, detail: { code: this.input.value, source } }));
  }

  submitted(event) {
    this.input.value = plain(this.input.value);
    if (this.mode === "submit") { this.leaving = true; return; }
    event.preventDefault();
    if (this.mode === "event") this.tell("typed");
    else if (!this.sending) this.send();
  }

  // ── mode "stay" ─────────────────────────────────────────────────
  async send() {
    this.sending = true;
    const code = this.input.value;
    try {
      const answer = await fetch(this.form.action, { method: "POST", body: new FormData(this.form), headers: { Accept: "text/html" } });
      const verdict = this.show(new DOMParser().parseFromString(await answer.text(), "text/html"), answer);
      if (this.input.value === code) {
        // A slip in a typed code is put right, or typed over; it need not be typed all again.
        if (verdict === "problem" && !code.includes("://")) this.input.select();
        else this.input.value = "";
      }
    } catch {
      // What was sent may have arrived: the code and the form's key stay, so a second try is the same act.
      this.say("offline");
      play("problem");
    } finally {
      this.sending = false;
    }
    const next = this.waiting.shift();
    if (next) this.take(next, "queue");
  }

  show(page, answer) {
    const form = page.querySelector("form[data-scan]");
    const refusal = page.querySelector("[data-refusal]");
    if (!form && !refusal) { // the session ended, say: that page is for the person to see
      this.mode = "submit"; // the same key goes along, so nothing is done twice
      this.form.requestSubmit();
      return;
    }
    const said = [...page.querySelectorAll("#status > *, .error-summary, main .verdict")];
    if (refusal) said.push(this.problem(refusal.textContent));
    const status = document.getElementById("status");
    status.replaceChildren(...said.map((node) => {
      const copy = document.importNode(node, true);
      copy.removeAttribute("autofocus"); // announced, but the hands stay where they are
      copy.removeAttribute("role");
      return copy;
    }));
    for (const fresh of page.querySelectorAll("[data-scan-update][id]")) {
      document.getElementById(fresh.id)?.replaceWith(document.importNode(fresh, true));
    }
    for (const fresh of form?.querySelectorAll("input[type=hidden]") ?? []) {
      const old = this.form.elements.namedItem(fresh.name);
      if (old instanceof HTMLInputElement) old.value = fresh.value; // a new key for the next act
    }
    this.say(this.camera?.running ? "start" : "");
    const verdict = this.verdictOf(page, answer);
    play(verdict);
    return verdict;
  }

  problem(words) {
    const drawn = this.part("problem")?.content.firstElementChild.cloneNode(true);
    const box = drawn ?? document.createElement("p");
    (box.querySelector("p") ?? box).append(words);
    return box;
  }

  verdictOf(page, answer) {
    if (!answer.ok || page.querySelector(".error-summary")) return "problem";
    const told = page.querySelector("#status > .message, main .verdict");
    return ["problem", "look", "done"].find((kind) => told?.matches(`.message--${kind}, .verdict--${kind}`)) ?? "look";
  }
}

const forms = [...document.querySelectorAll("form[data-scan]")].map((form) => new ScanForm(form));
if (forms.length) listen((code) => forms[0].take(code, "wedge"), forms[0].input);

// Whoever uses only the hand scanner never taps "Start scanning": any first act unlocks the sound.
// Not at once: opening the sound takes long enough to hold up the keys of a hand scanner.
for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => setTimeout(unlock, 500), { once: true, capture: true });

const result = document.querySelector("[data-sound]");
if (result) play(result.dataset.sound);
