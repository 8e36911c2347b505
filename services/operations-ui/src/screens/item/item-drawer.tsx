import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { lazy, Suspense } from "react";
import type { ItemFacts } from "../../api/items.ts";
import { Age } from "../../look/age.tsx";
import { AsOf } from "../../look/as-of.tsx";
import { StatusBadge } from "../../look/badge.tsx";
import { Button, buttonClass } from "../../look/button.tsx";
import { CopyText } from "../../look/copy.tsx";
import { Waiting } from "../../look/panel.tsx";
import { go, useRoute } from "../../route.ts";
import { ResultStrip } from "../../scan/result-strip.tsx";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { statusWord } from "../../words/statuses.ts";
import { tagDataLines } from "../../words/tag-data.ts";
import { conditionText, workText } from "../../words/work.ts";
import { ContractLink } from "../boards/contract-link.tsx";
import { fetchPart } from "../late-part.ts";
import { TimelineList } from "./timeline-list.tsx";
import { useItem } from "./use-item.ts";

const ItemPhotos = lazy(async () => ({
  default: (await fetchPart(() => import("./item-photos.tsx"))).ItemPhotos,
}));
const Retag = lazy(async () => ({
  default: (await fetchPart(() => import("./retag.tsx"))).Retag,
}));

/** An item and its whole life. It has its own address, and moves while it is open. */
export const ItemDrawer = ({ tag }: { tag: string }) => {
  const site = useSite();
  const { screen, query } = useRoute();
  const life = useItem(site.id, tag);
  const close = (): void => go({ site: site.id, screen, query });
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.45)]" />
        <Dialog.Popup className="drawer fixed inset-y-0 right-0 z-40 flex w-full max-w-2xl flex-col overflow-hidden border-l border-edge bg-panel outline-none">
          <header className="flex items-start gap-3 border-b border-line px-4 py-4 sm:px-6">
            <div className="min-w-0 grow">
              <p className="caption">Item</p>
              <Dialog.Title className="font-mono text-lg font-semibold break-all">{tag}</Dialog.Title>
              {life.facts && (
                <Dialog.Description className="text-sm text-soft">
                  {life.facts.class}
                  {life.facts.name && ` · ${life.facts.name}`}
                </Dialog.Description>
              )}
            </div>
            {life.facts && <StatusBadge status={life.facts.status} large />}
            <Dialog.Close className={`${buttonClass("quiet")} -mr-2 px-3!`} aria-label="Close item">
              <X aria-hidden="true" className="size-5" />
            </Dialog.Close>
          </header>
          <section
            className="min-h-0 grow overflow-y-auto"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label="Facts and timeline"
          >
            {life.facts ? <Facts facts={life.facts} /> : null}
            {life.facts ? (
              <Suspense fallback={null}>
                <Retag facts={life.facts} />
                <ItemPhotos tag={tag} news={life.timeline?.rows[0]?.pos ?? 0} />
              </Suspense>
            ) : null}
            <section aria-labelledby="timeline-title" className="px-4 pb-6 sm:px-6">
              <div className="flex items-center gap-3 pt-5 pb-2">
                <h3 id="timeline-title" className="text-base font-semibold">
                  Timeline
                </h3>
                <AsOf fresh={life.fresh} />
              </div>
              {life.refusal ? (
                <p role="alert" className="rounded-md bg-missing-wash p-3 text-sm font-semibold text-missing">
                  {life.refusal.code === "tag_unknown" || life.refusal.status === 404
                    ? "No item carries this tag. Scans of it are held and applied when it is put into stock."
                    : life.refusal.message}
                </p>
              ) : null}
              {life.timeline ? (
                <>
                  <TimelineList rows={life.timeline.rows} />
                  {life.timeline.cursor !== null && (
                    <Button className="mt-3 w-full" disabled={life.loadingOlder} onClick={life.loadOlder}>
                      {life.loadingOlder ? "Loading…" : "Load older"}
                    </Button>
                  )}
                </>
              ) : life.refusal ? null : (
                <Waiting>Reading the log…</Waiting>
              )}
            </section>
          </section>
          {/* It covers the scan station, and scanners are heard all the same. */}
          <ResultStrip />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};

const schemeWords: Record<string, string> = {
  opaque: "Own numbering (not GS1)",
  tid: "Chip serial (TID)",
  iso: "ISO 15962",
};

const Facts = ({ facts }: { facts: ItemFacts }) => {
  const { epc, lastScan, lastService } = facts;
  const condition = conditionText(facts.condition);
  const uri = epc.uri ?? epc.tagUri;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 border-b border-line bg-sunken px-4 py-4 text-sm sm:grid-cols-3 sm:px-6">
      <Fact name="Place">{facts.place ?? "–"}</Fact>
      <Fact name="Contract">{facts.contract === null ? "–" : <ContractLink number={facts.contract} />}</Fact>
      <Fact name="Quality">{facts.quality ?? "–"}</Fact>
      <Fact name="Last scan">
        {lastScan === null ? (
          "never"
        ) : (
          <>
            <Age at={lastScan.scannedAt} />
            <span className="block text-soft">{byText(lastScan.by)}</span>
          </>
        )}
      </Fact>
      <Fact name="Version">
        <span className="tabular-nums">
          {facts.version} <span className="text-soft">at position {facts.pos}</span>
        </span>
      </Fact>
      <Fact name="Tag scheme">
        {schemeWords[epc.scheme] ?? <span className="font-mono text-xs uppercase">{epc.scheme}</span>}
      </Fact>
      {uri && uri !== epc.digitalLink && (
        <Fact name="EPC" wide isButton>
          <CopyText value={uri} label="EPC URI" />
        </Fact>
      )}
      {epc.digitalLink && (
        <Fact name="Digital Link" wide isButton>
          <CopyText value={epc.digitalLink} label="Digital Link" />
        </Fact>
      )}
      {epc.data && (
        <Fact name="On the tag">
          <ul>
            {tagDataLines(epc.data, new Date().getFullYear()).map(({ identifier, text }) => (
              <li key={identifier}>{text}</li>
            ))}
          </ul>
        </Fact>
      )}
      {condition !== undefined && <Fact name="Condition">{condition}</Fact>}
      {lastService && (
        <Fact name="Last service" wide>
          {statusWord(lastService.from)} <Age at={lastService.at} />
          <span className="block text-soft">{workText(lastService)}</span>
        </Fact>
      )}
      {facts.notes && (
        <Fact name="Notes" wide>
          {facts.notes}
        </Fact>
      )}
    </dl>
  );
};

const Fact = ({
  name,
  wide = false,
  isButton = false,
  children,
}: {
  name: string;
  wide?: boolean;
  /** A button that has padding of its own, which must not stand out from the texts beside it. */
  isButton?: boolean;
  children: React.ReactNode;
}) => (
  <div className={`min-w-0 ${wide ? "col-span-full" : ""}`}>
    <dt className="caption">{name}</dt>
    <dd className={isButton ? "-ml-1.5 min-w-0" : "min-w-0 break-words"}>{children}</dd>
  </div>
);
