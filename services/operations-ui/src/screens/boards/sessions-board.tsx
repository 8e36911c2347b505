import type { SessionRow } from "@tagwire/messages";
import { useState } from "react";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { modeWords, sessionOf, sessionText, workersText } from "../../words/sessions.ts";
import { countText } from "../../words/time.ts";
import { BeginSessionForm } from "./begin-session.tsx";
import { byActivity } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { ContractLink } from "./contract-link.tsx";
import { useRows } from "./rows-of.ts";
import { SessionScans } from "./session-scans.tsx";

const stateText = ({ state, complete, waitingFor, lateScans }: SessionRow): string => {
  if (state !== "closed") return state === "open" ? "open" : "not begun yet";
  if (complete === false)
    return waitingFor.length === 0 ? "half uploaded" : `half uploaded: waiting for ${waitingFor.join(", ")}`;
  return lateScans > 0 ? "closed, late scans" : "closed";
};

/** What a session is; on a phone, which has no room for columns of it, also of what, whose and how it is. */
const Named = ({ row }: { row: SessionRow }) => {
  const besides = [sessionOf(row), workersText(row), stateText(row)].flatMap((text) => text ?? []);
  return (
    <span className="grid py-1">
      {row.mode === null ? "Not begun yet" : modeWords[row.mode]}
      <span className="text-xs text-soft @min-[36rem]:hidden">
        {besides.join(" · ")} · <Age at={row.activeAt} />
      </span>
    </span>
  );
};

/** Where nothing was expected, nothing can be found or missing: a nought there would say that nothing was scanned. */
const ofExpected =
  (count: (row: SessionRow) => number) =>
  (row: SessionRow): string =>
    row.expected === 0 ? "–" : countText(count(row));

const columns: readonly Column<SessionRow>[] = [
  { word: "Session", cell: (row) => <Named row={row} /> },
  {
    word: "Of",
    cell: (row) =>
      row.contract === null ? (
        (sessionOf(row) ?? "–")
      ) : (
        <ContractLink number={row.contract} {...(row.mode === "laundry" ? { kind: "laundry" } : {})} />
      ),
    isWide: true,
  },
  { word: "Readers of", cell: ({ station }) => station ?? "–", isSpare: true },
  { word: "At work", cell: (row) => workersText(row) ?? "–", isRoomy: true },
  { word: "State", cell: stateText, isWide: true },
  { word: "Found", cell: ofExpected(({ found }) => found), isNumber: true },
  { word: "Missing", cell: ofExpected(({ missing }) => missing), isNumber: true },
  // Found and missing come to it.
  { word: "Expected", cell: ofExpected(({ expected }) => expected), isNumber: true, isRoomy: true },
  { word: "Unexpected", cell: ({ unexpected }) => countText(unexpected), isNumber: true, isWide: true },
  { word: "Active", cell: ({ activeAt }) => <Age at={activeAt} />, isNumber: true, isWide: true },
];

/** What goes on in sessions, the open ones first. One is begun here, and looked into. */
export const SessionsBoard = () => {
  const snapshot = useView(useSite().id, "sessions");
  const rows = useRows<SessionRow, SessionRow[]>(snapshot, byActivity, []);
  const [begins, setBegins] = useState(false);
  const [open, setOpen] = useState<string>();
  const opened = rows.find(({ id }) => id === open);
  const looking: Column<SessionRow> = {
    word: "Scans",
    cell: (row) => (
      <Button
        kind="quiet"
        aria-expanded={row.id === open}
        aria-label={`${row.id === open ? "Hide" : "Show"} scans of ${sessionText(row)}`}
        onClick={() => setOpen(row.id === open ? undefined : row.id)}
      >
        {row.id === open ? "Hide" : "Show"}
      </Button>
    ),
    isNumber: true,
  };
  const of = (is: (row: SessionRow) => boolean): string => countText(rows.filter(is).length);
  return (
    <BoardTable
      {...{ title: "Sessions", snapshot, columns: [...columns, looking], rows }}
      keyOf={({ id }) => id}
      nothing="No session was begun yet."
      aside={
        <Button aria-expanded={begins} onClick={() => setBegins(!begins)}>
          {begins ? "Not now" : "Begin a session"}
        </Button>
      }
    >
      {begins && (
        <BeginSessionForm
          onOpen={(id) => {
            setBegins(false);
            setOpen(id);
          }}
        />
      )}
      {opened !== undefined && <SessionScans key={opened.id} session={opened} />}
      <Figures
        of={[
          { word: "Open", value: of(({ state }) => state === "open") },
          {
            word: "Not begun yet",
            value: of(
              (row) => row.state === "unbegun" && row.found + row.unexpected + row.unknown + row.rejected > 0,
            ),
          },
          { word: "Half uploaded", value: of(({ complete }) => complete === false) },
          { word: "Late scans", value: of(({ lateScans }) => lateScans > 0) },
        ]}
      />
    </BoardTable>
  );
};
