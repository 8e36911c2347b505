import type { RfidproImportPart, RfidproImportPreview } from "@tagwire/messages";
import { useState } from "react";
import { importFile } from "../../api/rfidpro-differences.ts";
import { Button, buttonClass } from "../../look/button.tsx";
import { countText } from "../../words/time.ts";

type Props = { preview: RfidproImportPreview; isOpen: boolean; busy: boolean; onConfirm: () => void };

const partWords: Readonly<Record<RfidproImportPart, string>> = {
  classes: "Add rental classes that the site does not have",
  items: "Add items that the site does not have, with their history",
};

/** What an import would do, rule by rule, and the button that confirms exactly this. */
export const ImportPreview = ({ preview, isOpen, busy, onConfirm }: Props) => {
  const {
    classes,
    items,
    baselines,
    history,
    held,
    ended,
    alreadyThere,
    leftScans,
    rules,
    needs,
    digest,
    run,
  } = preview;
  const [agreed, setAgreed] = useState<ReadonlySet<RfidproImportPart>>(new Set());
  // A preview that was kept before they were counted does not say how many.
  const left: [string, number][] =
    leftScans === undefined ? [] : [["Scans left aside with their item", leftScans]];
  const counts: readonly [string, number][] = [
    ["Rental classes described", classes],
    ["Items made", items],
    ["States stated", baselines],
    ["Older scans recorded", history],
    ["Scans held, since no item has their tag", held],
    ["Items set sold, retired or missing", ended],
    ["Items that are there already", alreadyThere],
    ...left,
  ];
  const isAgreed = needs.every((part) => agreed.has(part));
  return (
    <section aria-label="What an import would do" className="grid gap-3">
      <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-1 sm:max-w-xl">
        {counts.map(([word, count]) => (
          <div key={word} className="contents">
            <dt>{word}</dt>
            <dd className="text-right font-semibold tabular-nums">{countText(count)}</dd>
          </div>
        ))}
      </dl>
      <ul className="grid gap-2">
        {rules.map(({ rule, what, count, examples }) => (
          <li key={rule} className="border-t border-line pt-2">
            <span className="font-semibold tabular-nums">{countText(count)}</span> {what}
            <p className="font-mono text-xs break-all text-soft">{examples.join(", ")}</p>
          </li>
        ))}
      </ul>
      <p>
        <a className={buttonClass("quiet")} href={importFile(run)} download>
          Every such row, with what is done with it
        </a>
      </p>
      {isOpen && (
        <>
          {needs.map((part) => (
            <label key={part} className="hit inline-flex cursor-pointer items-center gap-2">
              <input
                type="checkbox"
                className="size-5 accent-primary"
                checked={agreed.has(part)}
                onChange={({ target: { checked } }) =>
                  setAgreed(new Set(needs.filter((one) => (one === part ? checked : agreed.has(one)))))
                }
              />
              {partWords[part]}
            </label>
          ))}
          <div className="flex flex-wrap items-center gap-3">
            <Button kind="primary" disabled={busy || !isAgreed} onClick={onConfirm}>
              Import exactly this
            </Button>
            <span className="font-mono text-xs break-all text-soft">{digest}</span>
          </div>
        </>
      )}
    </section>
  );
};
