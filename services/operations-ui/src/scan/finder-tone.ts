const lowHz = 440;
const highHz = 1_760;
const tickS = 0.045;

let audio: AudioContext | undefined;

/** One tick of find mode, higher the nearer. Browsers stay silent until the page was touched once. */
export const tick = (nearness: number): void => {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") void audio.resume();
    const startS = audio.currentTime;
    const oscillator = audio.createOscillator();
    const gain = audio.createGain();
    oscillator.frequency.value = lowHz * (highHz / lowHz) ** nearness;
    gain.gain.setValueAtTime(0.0001, startS);
    gain.gain.exponentialRampToValueAtTime(0.25, startS + 0.005);
    gain.gain.exponentialRampToValueAtTime(0.0001, startS + tickS);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(startS);
    oscillator.stop(startS + tickS);
  } catch {
    // A device without sound still shows the bar and the word.
  }
};
