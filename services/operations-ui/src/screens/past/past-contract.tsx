import { fetchPastContract, type PastContract as Then } from "../../api/past.ts";
import { useSite } from "../../site-context.ts";
import { contractStateText, legWords, memberWords, progressText, tripText } from "../../words/contracts.ts";
import { countText } from "../../words/time.ts";
import { TagLink } from "../boards/tag-link.tsx";
import { PastPanel } from "./past-panel.tsx";

/** A contract as it was at a moment. */
export const PastContract = ({ number }: { number: string }) => {
  const site = useSite();
  return (
    <PastPanel
      title="The contract in the past"
      read={(at) => fetchPastContract(site.id, number, at)}
      show={(then) => <Contract then={then} />}
    />
  );
};

const Contract = ({ then: { contract, data, nextCursor } }: { then: Then }) => (
  <div className="grid gap-3 px-4 py-3 text-sm sm:px-5">
    <p>
      {contractStateText(contract)} · {contract.client ?? "client not stated"} · {progressText(contract)}
    </p>
    {(["delivery", "pickup"] as const).map((leg) => {
      const trip = contract.trips?.[leg];
      return (
        trip !== undefined && (
          <p key={leg}>
            {legWords[leg]}: {tripText(trip)}
          </p>
        )
      );
    })}
    <ul>
      {contract.lines.map((line) => (
        <li key={line.class} className="tabular-nums">
          {line.class}: {countText(line.expected)} ordered, {countText(line.staged)} staged,{" "}
          {countText(line.out)} went out, {countText(line.returned)} came back
        </li>
      ))}
    </ul>
    {data.length === 0 ? (
      <p className="text-soft">Nothing was on it.</p>
    ) : (
      <ul>
        {data.map(({ tag, class: name, state }) => (
          <li key={tag} className="flex flex-wrap items-center gap-x-3 border-t border-line">
            <TagLink tag={tag} />
            <span>
              {name} · {memberWords[state]}
            </span>
          </li>
        ))}
      </ul>
    )}
    {nextCursor !== null && <p className="text-soft">The first {data.length} of what was on it.</p>}
  </div>
);
