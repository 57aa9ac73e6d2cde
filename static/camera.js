/* The camera as a source of codes. Loads the reader (about 400 kB) only when it is started. */

const READER = new URL("vendor/zxing-wasm-3.1.4/", import.meta.url);
const PAUSE = 80; // milliseconds between frames: quick to the eye, easy on an old tablet
const LONGEST = 1280; // pixels; larger frames take longer and read no better

let reader;
function loadReader() {
  reader ??= import(new URL("es/reader/index.js", READER)).then(async (module) => {
    await module.prepareZXingModule({
      overrides: { locateFile: (path) => new URL(path, READER).href }, // never a stranger's server
      fireImmediately: true,
    });
    return module.readBarcodes;
  });
  reader.catch(() => { reader = undefined; }); // the next start tries again
  return reader;
}

/** Why a camera didn't start, as the name of the words to say. */
export function reason(error) {
  if (error instanceof TypeError) return "offline"; // the reader could not be fetched
  if (["NotAllowedError", "SecurityError"].includes(error.name)) return "refused";
  if (["NotReadableError", "AbortError"].includes(error.name)) return "busy";
  return "missing";
}

export class Camera {
  #video;
  #take;
  #stream;
  #canvas = document.createElement("canvas");

  constructor(video, take) {
    this.#video = video;
    this.#take = take;
  }

  get running() { return Boolean(this.#stream); }

  async start() {
    this.stop();
    // Browsers hide the camera altogether from a page that isn't served safely.
    if (!navigator.mediaDevices) throw new DOMException("no camera on this page", "SecurityError");
    const chosen = sessionStorage.getItem("scan-camera");
    const wish = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const loading = loadReader(); // while the person is asked
    loading.catch(() => {}); // told below, once
    const stream = await navigator.mediaDevices.getUserMedia({
      video: chosen ? { ...wish, deviceId: { ideal: chosen } } : { ...wish, facingMode: { ideal: "environment" } },
    });
    this.#stream = stream;
    this.#video.srcObject = stream;
    // A front camera is aimed as in a mirror.
    this.#video.classList.toggle("mirrored", stream.getVideoTracks()[0].getSettings().facingMode === "user");
    await this.#video.play();
    this.#look(stream, await loading);
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
  }

  async others() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput").map((device) => device.deviceId);
  }

  async turn() {
    const all = await this.others();
    const now = this.#stream?.getVideoTracks()[0].getSettings().deviceId;
    sessionStorage.setItem("scan-camera", all[(all.indexOf(now) + 1) % all.length]);
    await this.start();
  }

  async #look(stream, read) {
    while (this.#stream === stream) {
      const { videoWidth: width, videoHeight: height } = this.#video;
      if (width && !document.hidden) {
        const scale = Math.min(1, LONGEST / Math.max(width, height));
        this.#canvas.width = Math.round(width * scale);
        this.#canvas.height = Math.round(height * scale);
        const pen = this.#canvas.getContext("2d", { willReadFrequently: true });
        pen.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
        const frame = pen.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
        const found = await read(frame, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 4, textMode: "Plain" });
        const texts = found.filter((code) => code.isValid && code.text).map((code) => code.text);
        // A counter has other codes in view, the shop's own for payments above all: a card goes first.
        const text = texts.find((each) => each.startsWith(`${location.origin}/c/`)) ?? texts[0];
        if (text && this.#stream === stream) this.#take(text);
      }
      await new Promise((resume) => { setTimeout(resume, PAUSE); });
    }
  }
}
