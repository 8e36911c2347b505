import { Check, Pin } from "lucide-react";
import { memo, useEffect, useState } from "react";
import { fetchItem, type ItemFacts } from "../../api/items.ts";
import { Age } from "../../look/age.tsx";
import { StatusBadge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { type Band, bandWords } from "./nearness.ts";

/** What is known of a thing apart from how loud it is: where it was seen last helps where no reader hears it. */
const useFacts = (tag: string): ItemFacts | "unknown" | undefined => {
  const site = useSite();
  const [facts, setFacts] = useState<ItemFacts | "unknown">();
  useEffect(() => {
    const leave = new AbortController();
    void fetchItem(site.id, tag, leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind === "ok") setFacts(answer.value);
      else if (answer.kind === "refused" && answer.refusal.status === 404) setFacts("unknown");
    });
    return () => leave.abort();
  }, [site.id, tag]);
  return facts;
};

type Props = {
  tag: string;
  /** In hundredths, so that a row is drawn anew only when somebody could see it. */
  percent: number;
  band: Band;
  isPinned: boolean;
  onPin: (tag: string) => void;
  onFound: (tag: string) => void;
};

/** One thing that is looked for. */
export const SoughtRow = memo(({ tag, percent, band, isPinned, onPin, onFound }: Props) => {
  const facts = useFacts(tag);
  return (
    <li aria-label={tag} className="grid gap-2 border-t border-line px-4 py-3 first:border-t-0 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="font-mono text-sm font-semibold break-all">{tag}</span>
        {facts === "unknown" && <span className="text-sm text-soft">no item carries it</span>}
        {typeof facts === "object" && (
          <>
            <span className="text-sm">{facts.name ?? facts.class}</span>
            <StatusBadge status={facts.status} />
          </>
        )}
        <span className="ml-auto flex gap-2">
          <Button
            className="hit-large"
            aria-pressed={isPinned}
            aria-label={`${isPinned ? "All again" : "Only this"}: ${tag}`}
            onClick={() => onPin(tag)}
          >
            <Pin aria-hidden="true" className="size-5" />
            {isPinned ? "All again" : "Only this"}
          </Button>
          <Button className="hit-large" aria-label={`${tag} is found`} onClick={() => onFound(tag)}>
            <Check aria-hidden="true" className="size-5" />
            Found
          </Button>
        </span>
      </div>
      <div className="flex items-center gap-3">
        <div aria-hidden="true" className="h-4 grow overflow-hidden rounded-sm bg-raised">
          <div
            className="bar-fill h-full origin-left bg-accent"
            style={{ transform: `scaleX(${percent / 100})` }}
          />
        </div>
        <span className="w-24 shrink-0 text-right text-sm font-semibold">{bandWords[band]}</span>
      </div>
      {band === "silent" && typeof facts === "object" && <LastSeen facts={facts} />}
    </li>
  );
});

const LastSeen = ({ facts: { lastScan, place } }: { facts: ItemFacts }) => (
  <p className="text-sm text-soft">
    {lastScan === null ? (
      "Never scanned"
    ) : (
      <>
        Last seen <Age at={lastScan.scannedAt} /> by {byText(lastScan.by)}
      </>
    )}
    {place !== null && `, at ${place}`}.
  </p>
);
