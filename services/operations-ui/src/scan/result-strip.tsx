import { OctagonX } from "lucide-react";
import { useNow } from "../clock.ts";
import { toneWash } from "../look/tone.ts";
import { countOf } from "../words/time.ts";
import { useResults } from "./results.ts";
import { rowShown } from "./shown.ts";
import { turnedWords } from "./station.ts";

/** How long an answer stays on a screen that has no room for the station, in ms. */
const shownMs = 8_000;

/** The last scan in one line, where the station is not in sight or is covered: a scanner is heard on every screen. */
export const ResultStrip = () => {
  const nowMs = useNow();
  const { rows, absent, turned } = useResults();
  const row = rows[0];
  if (turned !== undefined && nowMs - turned.atMs < shownMs) {
    return (
      <p
        className={`flex min-h-12 shrink-0 items-center gap-2 px-4 py-2 text-sm font-semibold ${toneWash.missing}`}
      >
        <OctagonX aria-hidden="true" className="size-5 shrink-0" />
        {countOf(turned.tags, "scan")} not taken. {turnedWords[turned.why]}
      </p>
    );
  }
  if (row === undefined || nowMs - (row.answeredAtMs ?? nowMs) > shownMs) return null;
  const { icon: Icon, word, tone } = rowShown(row, absent);
  return (
    <p
      className={`flex min-h-12 shrink-0 items-center gap-2 px-4 py-2 text-sm font-semibold ${toneWash[tone]}`}
    >
      <Icon aria-hidden="true" className="size-5 shrink-0" />
      {word}
      <span className="min-w-0 truncate font-mono text-xs font-normal">{row.scan.tag}</span>
    </p>
  );
};
