import {
  AskClassCounts,
  AskContractAt,
  AskContractBoard,
  AskSessionBoard,
  type ClassRow,
  type ContractMember,
  ContractNumber,
  type ContractRow,
  Fault,
  Moment,
  type SessionRow,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { said } from "./board-page.ts";
import {
  ClassCountsQuery,
  ContractBoardQuery,
  contractBoardWanted,
  SessionBoardQuery,
  sessionBoardWanted,
} from "./boards.ts";
import { columnsAsOf, pagesAsOf, rowsAsOf } from "./export-as-of.ts";
import { column, type ExportList, list, managerPageRows, SiteParams } from "./export-list.ts";

const limit = managerPageRows;

const contractColumns: readonly Column<ContractRow>[] = [
  ...(["number", "kind", "client", "state", "progress", "outAt", "dueAt"] as const).map((name) =>
    column<ContractRow>(name, (row) => row[name]),
  ),
  ...(["dueOutDay", "dueInDay", "firstOutAt", "lastBackAt", "expectedItems", "stagedItems"] as const).map(
    (name) => column<ContractRow>(name, (row) => row[name]),
  ),
  ...(["outItems", "returnedItems", "stillOutItems", "stillOutLots", "mergedInto", "version"] as const).map(
    (name) => column<ContractRow>(name, (row) => row[name]),
  ),
];

const sessionColumns: readonly Column<SessionRow>[] = [
  ...(["id", "mode", "state", "contract", "place", "class", "begunAt", "closedAt"] as const).map((name) =>
    column<SessionRow>(name, (row) => row[name]),
  ),
  ...(["lastScanAt", "activeAt", "expected", "found", "unexpected", "missing", "unknown"] as const).map(
    (name) => column<SessionRow>(name, (row) => row[name]),
  ),
  ...(["rejected", "lateScans", "duplicates"] as const).map((name) =>
    column<SessionRow>(name, (row) => row[name]),
  ),
  column("complete", ({ complete }) => (complete === null ? null : String(complete))),
  column("people", ({ people }) => people.join(", ")),
  column("devices", ({ devices }) => devices.join(", ")),
  column("station", ({ station }) => station),
  column("waitingFor", ({ waitingFor }) => waitingFor.join(", ")),
];

const classColumns: readonly Column<ClassRow>[] = (
  [
    ...(["class", "name", "shortName", "category", "subcategory", "crew"] as const),
    ...(["total", "ready", "available", "staged", "provisioned"] as const),
    ...(["out", "inService", "missing", "ended"] as const),
  ] as const
).map((name) => column<ClassRow>(name, (row) => row[name]));

const memberColumns: readonly Column<ContractMember>[] = (
  ["contract", "tag", "class", "state", "outAt", "backAt", "pos"] as const
).map((name) => column<ContractMember>(name, (row) => row[name]));

/** The boards of a manager, now and in the past, as files. Each page is of the position at which it was read, and each row says which that is. */
export const boardExports: readonly ExportList[] = [
  list({
    path: "/boards/contracts",
    operationId: "exportContractBoard",
    summary: "The contract board as a file: what is due out and in, late, overdue and at the laundry",
    params: SiteParams,
    query: ContractBoardQuery,
    columns: columnsAsOf(contractColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, (cursor) =>
        inquire(bus, AskContractBoard, { ...params, limit, cursor, ...contractBoardWanted(query) }),
      ),
  }),
  list({
    path: "/boards/sessions",
    operationId: "exportSessionBoard",
    summary: "The session board as a file, the session that was active last first",
    params: SiteParams,
    query: SessionBoardQuery,
    columns: columnsAsOf(sessionColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, (cursor) =>
        inquire(bus, AskSessionBoard, { ...params, limit, cursor, ...sessionBoardWanted(query) }),
      ),
  }),
  list({
    path: "/boards/classes",
    operationId: "exportClassCounts",
    summary: "How many items of each class there are as a file, now or at a moment of the past",
    params: SiteParams,
    query: ClassCountsQuery,
    columns: columnsAsOf(classColumns),
    pages: async function* ({ bus }, { params, query }, note) {
      const counts = await inquire(bus, AskClassCounts, { ...params, ...said(query) });
      if (!counts.known) throw new Fault("unavailable", "the figures of this site are not there yet");
      note(counts);
      yield rowsAsOf(counts, counts.classes);
    },
  }),
  list({
    // The expression ends the parameter before the verb: without it the router takes the colon as part of the number.
    path: "/past/contracts/:number(^[^:]+)",
    operationId: "exportPastContract",
    summary: "What was on a contract at a moment of the past as a file, item by item",
    params: Type.Object({ site: SiteId, number: ContractNumber }),
    query: Type.Object({ at: Moment }),
    columns: columnsAsOf(memberColumns),
    pages: ({ bus }, { params: { site, number: written }, query: { at } }, note) => {
      const number = written.trim();
      return pagesAsOf(note, async (cursor) => {
        const answer = await inquire(bus, AskContractAt, { site, number, at, limit, cursor });
        if (answer.contract === null) throw new Fault("contract_unknown", `${number} at ${at}`);
        return { ...answer, rows: answer.members };
      });
    },
  }),
];
