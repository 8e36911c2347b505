import { OctagonX, ScanLine } from "lucide-react";
import { useView } from "../live/use-live.ts";
import { toneWash } from "../look/tone.ts";
import { nameHeld, useNames } from "../prefetch/names.ts";
import { useSite } from "../site-context.ts";
import { scanTypeWords } from "../words/scans.ts";
import { countOf } from "../words/time.ts";
import { OpenedContract } from "./opened-contract.tsx";
import { useResults } from "./results.ts";
import { guessText, rowShown } from "./shown.ts";
import { turnedWords } from "./station.ts";

/** What became of the last scan, readable at arm's length. */
export const LastResult = () => {
  const { rows, absent, turned } = useResults();
  useNames();
  const items = useView(useSite().id, "items").rows;
  if (turned !== undefined) {
    return (
      <Card tone={toneWash.missing}>
        <OctagonX aria-hidden="true" className="size-10 shrink-0" />
        <div className="min-w-0">
          <p className="text-xl font-semibold">Not taken</p>
          <p className="text-sm">
            {countOf(turned.tags, "scan")}. {turnedWords[turned.why]}
          </p>
        </div>
      </Card>
    );
  }
  const row = rows[0];
  const known = row && items.get(row.receipt?.item?.tag ?? row.scan.tag)?.class;
  if (row === undefined) {
    return (
      <Card tone="bg-sunken text-soft">
        <ScanLine aria-hidden="true" className="size-10 shrink-0" />
        <p className="text-sm">Pull the trigger. Scans are heard wherever you are on this page.</p>
      </Card>
    );
  }
  const guess = guessText(row, nameHeld(row.site, row.scan.tag));
  const { icon: Icon, word, tone, note } = rowShown(row, absent);
  return (
    <Card tone={toneWash[tone]}>
      <Icon aria-hidden="true" className="size-10 shrink-0" />
      <div className="min-w-0">
        <p className="text-xl font-semibold">
          {word}
          {row.times > 1 && <span className="font-normal tabular-nums"> × {row.times}</span>}
        </p>
        <p className="truncate font-mono text-sm">{row.scan.tag}</p>
        {guess !== undefined && <p className="truncate text-sm font-semibold">{guess}</p>}
        {guess === undefined && typeof known === "string" && (
          <p className="truncate text-sm font-semibold">{known}</p>
        )}
        <p className="text-sm">
          {scanTypeWords[row.scan.type].word}
          {note && ` · ${note}`}
        </p>
        <OpenedContract row={row} />
      </div>
    </Card>
  );
};

const Card = ({ tone, children }: { tone: string; children: React.ReactNode }) => (
  <div className={`flex min-h-28 items-center gap-4 rounded-lg border border-current/20 p-4 ${tone}`}>
    {children}
  </div>
);
