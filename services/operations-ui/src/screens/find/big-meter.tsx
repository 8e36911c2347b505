import { Volume2, VolumeX } from "lucide-react";
import { Button } from "../../look/button.tsx";
import { bandOf, bandWords, type Heard, heardForMs } from "./nearness.ts";

type Props = {
  tag: string;
  heard: Heard | undefined;
  nearness: number;
  nowMs: number;
  isSounding: boolean;
  onSound: () => void;
};

/** How near one tag is, to be read at arm's length: a bar, a word and, for who wants it, the figure behind them. */
export const BigMeter = ({ tag, heard, nearness, nowMs, isSounding, onSound }: Props) => {
  const word = bandWords[bandOf(nearness)];
  const isHeard = heard !== undefined && nowMs - heard.atMs < heardForMs;
  const strength =
    heard?.rssiDbm === null || heard === undefined
      ? "no strength told"
      : `${Math.round(heard.rssiDbm)} dBm`.replace("-", "−");
  return (
    <section aria-label="How near" className="panel grid gap-3 p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p aria-live="polite" className="figure text-2xl">
          {word}
        </p>
        <p className="min-w-0 font-mono text-base font-semibold break-all">{tag}</p>
        <Button className="hit-large ml-auto" aria-pressed={isSounding} onClick={onSound}>
          {isSounding ? (
            <Volume2 aria-hidden="true" className="size-5" />
          ) : (
            <VolumeX aria-hidden="true" className="size-5" />
          )}
          {isSounding ? "Sound on" : "Sound off"}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: no browser lets the look of a <meter> be told for all three themes */}
      <div
        role="meter"
        aria-label={`How near ${tag} is`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(nearness * 100)}
        aria-valuetext={word}
        className="h-24 overflow-hidden rounded-md border border-edge bg-sunken sm:h-36"
      >
        <div
          className="bar-fill h-full origin-left bg-accent transition-transform duration-100"
          style={{ transform: `scaleX(${nearness})` }}
        />
      </div>
      <p className="text-sm text-soft tabular-nums">
        {isHeard
          ? `${strength} at reader ${heard.reader}, antenna ${heard.antenna}`
          : "No reader hears it at this moment. Walk on, or turn the antenna."}
      </p>
    </section>
  );
};
