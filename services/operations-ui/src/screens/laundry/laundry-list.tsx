import type { ContractView } from "@tagwire/messages";
import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { fetchLaundry, laundryShownMax } from "../../api/laundry.ts";
import { useNow } from "../../clock.ts";
import { readingFreshness } from "../../live/freshness.ts";
import type { LiveRow } from "../../live/protocol.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { TextField } from "../../look/field.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { roundStateWords } from "../../words/laundry.ts";
import { PlaceLink } from "../place-link.tsx";
import { useReading } from "./use-reading.ts";

/** The newest event that may have changed the list: contracts are opened and move on, and a hand count may name one first. */
const newestOf = (rows: ReadonlyMap<string, LiveRow>): number => {
  let newest = 0;
  for (const { type, pos } of rows.values())
    if (/^(contract|lot)\./.test(String(type))) newest = Math.max(newest, Number(pos ?? 0));
  return newest;
};

const stateWord = (state: ContractView["state"]): string =>
  state === "merged" ? "Merged" : roundStateWords[state];

/** Laundry contracts, to choose from. */
export const LaundryList = ({ chosen }: { chosen: string | null }) => {
  const site = useSite();
  const events = useView(site.id, "events");
  const view = useFreshness(events);
  const nowMs = useNow();
  const [written, setWritten] = useState("");
  const q = useDeferredValue(written.trim());
  const read = useCallback((signal: AbortSignal) => fetchLaundry(site.id, q, signal), [site.id, q]);
  const news = useMemo(() => `${events.snapshots}:${newestOf(events.rows)}`, [events]);
  const { value, refusal, reading } = useReading(read, news);
  return (
    <Panel title="Laundry" fresh={readingFreshness(view, reading, nowMs)} className="print:hidden">
      <div className="px-4 pb-3 sm:px-5">
        <TextField
          label="Find a contract"
          hideLabel
          placeholder="Number or client"
          value={written}
          onChange={(event) => setWritten(event.target.value)}
        />
      </div>
      {value === undefined ? (
        <Waiting>{refusal?.message ?? "Looking for contracts…"}</Waiting>
      ) : value.data.length === 0 ? (
        <Waiting>
          {q === "" ? "Nothing has gone to a cleaner yet." : "No laundry contract is like this."}
        </Waiting>
      ) : (
        <ul className="px-2 pb-3 sm:px-3">
          {value.data.map(({ number, client, state }) => (
            <Choice key={number} {...{ number, client, state, chosen }} />
          ))}
        </ul>
      )}
      {value?.nextCursor != null && (
        <p className="px-5 pb-4 text-sm text-soft">
          These are the first {laundryShownMax}. Write a part of the number to find another.
        </p>
      )}
    </Panel>
  );
};

type ChoiceProps = Pick<ContractView, "number" | "client" | "state"> & { chosen: string | null };

const Choice = ({ number, client, state, chosen }: ChoiceProps) => {
  const where = {
    site: useSite().id,
    screen: "laundry",
    query: new URLSearchParams({ contract: number }),
  } as const;
  return (
    <li>
      <PlaceLink
        place={where}
        aria-current={number === chosen ? "true" : undefined}
        className="hit grid content-center rounded-md px-3 py-1.5 hover:bg-raised aria-[current=true]:bg-raised"
      >
        <span className="truncate font-semibold tabular-nums">{number}</span>
        <span className="truncate text-sm text-soft">
          {stateWord(state)}
          {client !== null && ` · ${client}`}
        </span>
      </PlaceLink>
    </li>
  );
};
