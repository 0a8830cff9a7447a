// Two tones by which the desk calls. A browser plays nothing before somebody has
// pressed a button on the page.

import { signal } from "@preact/signals";

/** Whether the desk may call aloud. */
export const sounding = signal(false);

/** `grave` for the two upper grades: three high notes. Else two low ones. */
export type Tone = "grave" | "plain";

/** Hertz, one after another. */
const NOTES: Record<Tone, readonly number[]> = { grave: [988, 784, 988], plain: [523, 659] };
const NOTE_S = 0.22;
const LOUD = 0.25;

let context: AudioContext | undefined;

/** Lets the desk call aloud from now on, or no longer. To be called from a press of a button. */
export async function sound(on: boolean): Promise<void> {
  if (on) {
    context ??= new AudioContext();
    await context.resume();
  } else {
    await context?.suspend();
  }
  sounding.value = on && context?.state === "running";
}

/** Plays a tone, if the desk may. */
export function call(tone: Tone): void {
  if (!sounding.peek() || !context) return;
  for (const [at, hertz] of NOTES[tone].entries()) {
    const [note, gain] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + at * NOTE_S;
    note.frequency.value = hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(LOUD, start + 0.02);
    gain.gain.linearRampToValueAtTime(0, start + NOTE_S);
    note.connect(gain).connect(context.destination);
    note.start(start);
    note.stop(start + NOTE_S);
  }
}
