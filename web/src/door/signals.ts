/** What staff hear and feel without looking at the screen. */

import { quiet } from './device';

let context: AudioContext | null = null;

function beep(frequency: number, start: number, seconds: number): void {
  if (!context) return;
  const [tone, volume] = [context.createOscillator(), context.createGain()];
  const at = context.currentTime + start;
  tone.frequency.value = frequency;
  tone.type = 'sine';
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.25, at + 0.01);
  volume.gain.setValueAtTime(0.25, at + seconds - 0.02);
  volume.gain.linearRampToValueAtTime(0, at + seconds);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + seconds);
}

/** One high note and a short buzz: come in. Two low ones and two long buzzes: a question. */
export function signal(outcome: 'admitted' | 'refused'): void {
  (navigator as Partial<Navigator>).vibrate?.(outcome === 'admitted' ? 120 : [250, 100, 250]);
  if (quiet.read() === 'yes') return;
  try {
    context ??= new AudioContext();
    void context.resume();
    if (outcome === 'admitted') beep(880, 0, 0.16);
    else {
      beep(220, 0, 0.22);
      beep(196, 0.3, 0.3);
    }
  } catch {
    // A browser without sound.
  }
}
