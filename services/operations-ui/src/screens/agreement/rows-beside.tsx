import type { Evidence } from "@tagwire/messages";
import { Panel } from "../../look/panel.tsx";
import { SidesBeside } from "../sides-beside.tsx";

const sideWords = [
  ["operations", "Record"],
  ["manager", "What screens show"],
  ["folded", "What its events say"],
] as const;

type Side = { readonly row: Readonly<Record<string, unknown>> | null };

/** Every field in which what is shown is not the same on all sides, those that the audit named first. */
const unlike = (sides: readonly Side[], named: readonly string[]): string[] => {
  const rows = sides.flatMap(({ row }) => (row === null ? [] : [row]));
  const all = new Set(rows.flatMap((row) => Object.keys(row)));
  const isUnlike = (field: string) => new Set(rows.map((row) => JSON.stringify(row[field] ?? null))).size > 1;
  return [...new Set([...named, ...[...all].filter(isUnlike)])];
};

/** Rows of both sides, and what the events of the thing come to, as far as an audit looked at them. */
export const RowsBeside = ({ evidence }: { evidence: Evidence }) => {
  const sides = sideWords.flatMap(([name, word]) => {
    const row = evidence[name];
    return row === undefined ? [] : [{ word, row }];
  });
  if (sides.length === 0) return null;
  return (
    <Panel title="Side by side">
      <div className="px-4 pb-3 sm:px-5">
        <SidesBeside sides={sides} fields={unlike(sides, evidence.fields ?? [])} />
      </div>
    </Panel>
  );
};
