import type { Evidence } from "@tagwire/messages";
import { Panel } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { SidesBeside } from "../sides-beside.tsx";
import { unlikeFields } from "./unlike-fields.ts";

const sideWords = [
  ["operations", "Record"],
  ["manager", "What screens show"],
  ["folded", "What its events say"],
] as const;

/** Rows of both sides, and what the events of the thing come to, as far as an audit looked at them. */
export const RowsBeside = ({ evidence }: { evidence: Evidence }) => {
  const sides = sideWords.flatMap(([name, word]) => {
    const row = evidence[name];
    return row === undefined ? [] : [{ word, row }];
  });
  const { timeZone } = useSite();
  if (sides.length === 0) return null;
  return (
    <Panel title="Side by side">
      <div className="px-4 pb-3 sm:px-5">
        <SidesBeside sides={sides} fields={unlikeFields(sides, { named: evidence.fields ?? [], timeZone })} />
      </div>
    </Panel>
  );
};
