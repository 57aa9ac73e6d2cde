/* Sounds that tell a result without looking: made here, so there is nothing to load. */

// [hertz, seconds from the beginning, length]
const TONES = {
  read: [[1320, 0, 0.07]],
  done: [[784, 0, 0.14], [1175, 0.13, 0.28]],
  problem: [[208, 0, 0.26], [165, 0.28, 0.42]],
  look: [[587, 0, 0.12], [587, 0.2, 0.12]],
};
const SHAKES = { done: [60], problem: [200, 80, 200], look: [80, 60, 80] };

let context;

/** Call from a tap or a key: browsers keep sound locked until a person has acted. */
export function unlock() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  sessionStorage.setItem("sound", "on");
}

export function play(kind) {
  // On a page that follows an unlocked one most browsers let sound through at once; where they
  // don't, colour, icon and words have said it already.
  if (!context && sessionStorage.getItem("sound") === "on") context = new AudioContext();
  if (!context || !TONES[kind]) return;
  navigator.userActivation?.hasBeenActive && navigator.vibrate?.(SHAKES[kind] ?? 0);
  const begin = context.currentTime + 0.02;
  for (const [pitch, after, length] of TONES[kind]) {
    const tone = new OscillatorNode(context, { frequency: pitch, type: kind === "problem" ? "triangle" : "sine" });
    const loudness = new GainNode(context, { gain: 0 });
    loudness.gain.setValueAtTime(0, begin + after);
    loudness.gain.linearRampToValueAtTime(kind === "read" ? 0.15 : 0.4, begin + after + 0.015);
    loudness.gain.linearRampToValueAtTime(0, begin + after + length);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin + after);
    tone.stop(begin + after + length);
  }
}
