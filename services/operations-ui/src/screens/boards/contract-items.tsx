import type { MemberState } from "@tagwire/messages";
import { useCallback, useState } from "react";
import { contractItemsShownMax, fetchContractItems } from "../../api/contracts.ts";
import { useNow } from "../../clock.ts";
import { readingFreshness } from "../../live/freshness.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { SelectField } from "../../look/field.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { memberStates, memberWords } from "../../words/contracts.ts";
import { countText, dayText, minuteText, zoneText } from "../../words/time.ts";
import { useReading } from "../laundry/use-reading.ts";
import { TagLink } from "./tag-link.tsx";

/** What is on a contract, item by item, with when each went out and came back; read again with the contract's news. */
export const ContractItems = ({ number, news }: { number: string; news: string }) => {
  const site = useSite();
  const [state, setState] = useState<MemberState>();
  const read = useCallback(
    (signal: AbortSignal) => fetchContractItems(site.id, { number, state }, signal),
    [site.id, number, state],
  );
  const { value, refusal, reading } = useReading(read, news);
  const nowMs = useNow();
  const fresh = readingFreshness(
    useFreshness(useView(site.id, "events", { contract: number })),
    reading,
    nowMs,
  );
  const when = (instant: string): string =>
    `${dayText(instant, site.timeZone)}, ${minuteText(instant, site.timeZone)}`;
  return (
    <Panel title="Items" fresh={fresh}>
      <div className="px-4 pb-2 sm:px-5">
        <SelectField
          label="Items that are"
          value={state ?? ""}
          onChange={({ target }) => setState(memberStates.find((one) => one === target.value))}
        >
          <option value="">On it in any way</option>
          {memberStates.map((one) => (
            <option key={one} value={one}>
              {memberWords[one]}
            </option>
          ))}
        </SelectField>
      </div>
      {value === undefined ? (
        <Waiting>{refusal?.message ?? "Reading its items…"}</Waiting>
      ) : value.data.length === 0 ? (
        <Waiting>None.</Waiting>
      ) : (
        <>
          <p className="px-4 text-xs text-soft sm:px-5">{zoneText(nowMs, site.timeZone)}</p>
          <ul className="px-4 pb-3 text-sm sm:px-5">
            {value.data.map(({ tag, class: name, state: stands, outAt, backAt }) => (
              <li key={tag} className="grid gap-x-3 border-t border-line py-1 first:border-t-0">
                <span className="flex min-w-0 flex-wrap items-center gap-x-3">
                  <TagLink tag={tag} />
                  <span className="min-w-0 break-words">{name}</span>
                </span>
                <span className="text-xs text-soft tabular-nums">
                  {memberWords[stands]}
                  {outAt !== null && ` · out ${when(outAt)}`}
                  {backAt !== null && ` · back ${when(backAt)}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {value?.nextCursor != null && (
        <p className="px-4 pb-3 text-sm text-soft sm:px-5">The first {countText(contractItemsShownMax)}.</p>
      )}
    </Panel>
  );
};
