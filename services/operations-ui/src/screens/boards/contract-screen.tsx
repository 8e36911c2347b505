import type { ContractRow } from "@tagwire/messages";
import { ArrowLeft } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { fetchContractEvents } from "../../api/contracts.ts";
import { useNow } from "../../clock.ts";
import { readingFreshness } from "../../live/freshness.ts";
import type { LiveRow } from "../../live/protocol.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useLostFocus } from "../../look/use-lost-focus.ts";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { contractStateText, kindWords, progressText } from "../../words/contracts.ts";
import { countText } from "../../words/time.ts";
import { useReading } from "../laundry/use-reading.ts";
import { PastContract } from "../past/past-contract.tsx";
import { dateTexts } from "./board-rows.ts";
import { Figures } from "./board-table.tsx";
import { ContractActs } from "./contract-acts.tsx";
import { ContractForm } from "./contract-form.tsx";
import { ContractItems } from "./contract-items.tsx";
import { ContractLines } from "./contract-lines.tsx";
import { ContractLink } from "./contract-link.tsx";
import { ContractTrips } from "./contract-trips.tsx";
import { EventLine } from "./event-line.tsx";
import { useItemClasses } from "./item-classes.ts";
import { useMinute } from "./site-time.ts";

const newestPosOf = (rows: ReadonlyMap<string, LiveRow>): number => {
  let newest = 0;
  for (const { pos } of rows.values()) newest = Math.max(newest, Number(pos ?? 0));
  return newest;
};

/** All there is of one contract: what was ordered, how far it is, item by item, and what happens to it at this moment. */
export const ContractScreen = ({ number }: { number: string }) => {
  const site = useSite();
  const snapshot = useView(site.id, "contracts", { number });
  const fresh = useFreshness(snapshot);
  const events = useView(site.id, "events", { contract: number });
  const place = useLostFocus<HTMLDivElement>(number);
  const row = snapshot.rows.get(number) as unknown as ContractRow | undefined;
  // The live view keeps the newest events of the whole site, so that it tells when to read, and not all there is to read.
  const newest = useMemo(() => newestPosOf(events.rows), [events]);
  const news = `${events.snapshots}:${newest}:${row?.version}`;
  return (
    <div ref={place} tabIndex={-1} className="grid min-w-0 gap-3 outline-none sm:gap-4">
      <a
        href={routeText({
          ...{ site: site.id, screen: "boards", query: new URLSearchParams({ board: "contracts" }) },
        })}
        className="hit inline-flex items-center gap-2 justify-self-start rounded-md px-3 text-sm font-semibold hover:bg-raised"
      >
        <ArrowLeft aria-hidden="true" className="size-4" />
        All contracts
      </a>
      <Panel title={`Contract ${number}`} fresh={fresh}>
        {row === undefined ? (
          <Waiting>
            {snapshot.whole
              ? "No contract has this number."
              : (snapshot.fault?.message ?? "Waiting for figures…")}
          </Waiting>
        ) : (
          <>
            <Facts row={row} />
            <ContractActs row={row} />
            <ContractTrips row={row} />
          </>
        )}
      </Panel>
      <PastContract number={number} />
      <div className="grid items-start gap-3 sm:gap-4 xl:grid-cols-2">
        <ContractItems number={number} news={news} />
        <Lately number={number} news={news} />
      </div>
    </div>
  );
};

/** What happened to a contract last, from the log; read again with the contract's news. */
const Lately = ({ number, news }: { number: string; news: string }) => {
  const site = useSite();
  const read = useCallback(
    (signal: AbortSignal) => fetchContractEvents(site.id, number, signal),
    [site.id, number],
  );
  const { value, refusal, reading } = useReading(read, news);
  const view = useFreshness(useView(site.id, "events", { contract: number }));
  const fresh = readingFreshness(view, reading, useNow());
  const classOf = useItemClasses();
  return (
    <Panel title="Lately" fresh={fresh}>
      {value === undefined ? (
        <Waiting>{refusal?.message ?? "Reading what happened to it…"}</Waiting>
      ) : value.data.length === 0 ? (
        <Waiting>Nothing happened to it.</Waiting>
      ) : (
        <ol className="px-4 pb-3 sm:px-5">
          {value.data.map((event) => (
            <EventLine
              key={`${event.epoch}:${event.pos}`}
              event={event}
              itemClass={classOf(event.tag ?? "")}
            />
          ))}
        </ol>
      )}
    </Panel>
  );
};

/** A contract that a scan opened: what was ordered can still be stated, and what the scans did to it stays. */
const Unstated = ({ row: { number, kind, state } }: { row: ContractRow }) => {
  const [isStating, setStating] = useState(false);
  if (isStating) return <ContractForm named={{ number, kind }} onLeave={() => setStating(false)} />;
  return (
    <div className="flex flex-wrap items-center gap-3 px-4 pb-3 text-sm sm:px-5">
      <p>Only scans have named it so far: nobody has stated what was ordered.</p>
      {state !== "merged" && <Button onClick={() => setStating(true)}>State what was ordered</Button>}
    </div>
  );
};

const Facts = ({ row }: { row: ContractRow }) => {
  const { timeZone } = useSite();
  const now = { nowMs: useMinute(), timeZone };
  const goneOn = row.lines.reduce((sum, { notRecorded }) => sum + notRecorded, 0);
  const { kind, client, number, stated, mergedInto, mergedFrom } = row;
  return (
    <>
      <p className="px-4 pb-1 break-words sm:px-5">
        {kindWords[kind]} · {contractStateText(row)} · {client ?? "client not stated"}
      </p>
      <p className="px-4 pb-3 text-sm text-soft sm:px-5">
        {[progressText(row), ...dateTexts(row, now)].join(" · ")}
      </p>
      {!stated && <Unstated row={row} />}
      {(kind === "laundry" || mergedInto !== null || mergedFrom.length > 0) && (
        <p className="flex flex-wrap items-center gap-x-3 px-4 pb-3 text-sm sm:px-5">
          {kind === "laundry" && (
            <span>
              What the cleaner brought back: <ContractLink {...{ number, kind }} />
            </span>
          )}
          {mergedInto !== null && (
            <span>
              Merged into <ContractLink number={mergedInto} />
            </span>
          )}
          {mergedFrom.length > 0 && <span>Merged from</span>}
          {mergedFrom.map((from) => (
            <ContractLink key={from} number={from} />
          ))}
        </p>
      )}
      <Figures
        of={[
          { word: "Ordered", value: countText(row.expectedItems) },
          { word: "Staged", value: countText(row.stagedItems) },
          { word: "Went out", value: countText(row.outItems) },
          { word: "Came back", value: countText(row.returnedItems) },
          ...(goneOn === 0
            ? []
            : [{ word: "Not recorded", value: countText(goneOn), note: "gone on without a return" }]),
          { word: "Still out", value: countText(row.stillOutItems + row.stillOutLots) },
        ]}
      />
      <ContractLines row={row} />
    </>
  );
};
