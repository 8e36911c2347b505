import type { Outcome } from "@tagwire/messages";

type Note = { readonly hz: number; readonly atS: number; readonly forS: number };

/** Told apart by pitch and rhythm, not only by loudness: a floor is noisy. */
const tunes: Record<Outcome | "not_taken" | "saved" | "odd", readonly Note[]> = {
  saved: [{ hz: 1_000, atS: 0, forS: 0.03 }],
  accepted: [
    { hz: 880, atS: 0, forS: 0.06 },
    { hz: 1_320, atS: 0.06, forS: 0.09 },
  ],
  already_applied: [{ hz: 660, atS: 0, forS: 0.12 }],
  // Taken, and somebody should look at it.
  odd: [
    { hz: 880, atS: 0, forS: 0.06 },
    { hz: 520, atS: 0.08, forS: 0.16 },
  ],
  quarantined: [
    { hz: 520, atS: 0, forS: 0.1 },
    { hz: 390, atS: 0.12, forS: 0.16 },
  ],
  rejected: [
    { hz: 220, atS: 0, forS: 0.16 },
    { hz: 196, atS: 0.22, forS: 0.24 },
  ],
  not_taken: [
    { hz: 180, atS: 0, forS: 0.12 },
    { hz: 180, atS: 0.18, forS: 0.12 },
    { hz: 180, atS: 0.36, forS: 0.3 },
  ],
};

const severity: readonly Outcome[] = ["accepted", "already_applied", "quarantined", "rejected"];

/** The one outcome that a batch sounds like: the worst. */
export const worstOf = (outcomes: readonly Outcome[]): Outcome | undefined =>
  severity.findLast((outcome) => outcomes.includes(outcome));

let audio: AudioContext | undefined;

/** Plays a tone. Browsers stay silent until the page was touched or typed on once, and a scanner types. */
export const play = (tune: keyof typeof tunes): void => {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") void audio.resume();
    const startS = audio.currentTime;
    for (const { hz, atS, forS } of tunes[tune]) {
      const oscillator = audio.createOscillator();
      const gain = audio.createGain();
      oscillator.type =
        tune === "accepted" || tune === "already_applied" || tune === "saved" ? "sine" : "square";
      oscillator.frequency.value = hz;
      gain.gain.setValueAtTime(0.0001, startS + atS);
      gain.gain.exponentialRampToValueAtTime(0.2, startS + atS + 0.01);
      gain.gain.exponentialRampToValueAtTime(0.0001, startS + atS + forS);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(startS + atS);
      oscillator.stop(startS + atS + forS);
    }
  } catch {
    // A device without sound still shows the icon and the word.
  }
};
