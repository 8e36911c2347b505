import {
  AskContract,
  AskContractMembers,
  AskContracts,
  AskSession,
  AskSessions,
  AskSessionTags,
  type ContractLineView,
  type ContractMember,
  type ContractView,
  contractView,
  Fault,
  type LotView,
  lotsStillOut,
  type SessionTag,
  type SessionView,
  sessionView,
  tripLegs,
} from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { said } from "./board-page.ts";
import { ContractParams, ContractsFilter, contractsWanted, MembersFilter } from "./contracts.ts";
import { type RowOfRecord, recordColumns, recordPages } from "./export-as-of.ts";
import { column, type ExportList, list, type NoteAsOf, pageRows, SiteParams } from "./export-list.ts";
import { SessionParams, SessionsFilter, SessionTagsFilter, sessionsWanted } from "./sessions.ts";

/** A line of a contract, with what the contract is: whoever opens the file sorts and sums by either. */
type ContractRow = { readonly contract: ContractView; readonly line: ContractLineView | undefined };

const rowsOf = (contract: ContractView): ContractRow[] =>
  contract.lines.length === 0
    ? [{ contract, line: undefined }]
    : contract.lines.map((line) => ({ contract, line }));

const contractColumns: readonly Column<ContractRow>[] = [
  ...(["number", "kind", "client", "state", "progress", "outAt", "dueAt"] as const).map((name) =>
    column<ContractRow>(name, ({ contract }) => contract[name]),
  ),
  ...(["firstOutAt", "lastBackAt", "mergedInto"] as const).map((name) =>
    column<ContractRow>(name, ({ contract }) => contract[name]),
  ),
  ...(["class", "expected", "staged", "out", "returned", "stillOut", "notRecorded", "extra"] as const).map(
    (name) => column<ContractRow>(name, ({ line }) => line?.[name]),
  ),
  column("lots", ({ contract }) => contract.lots.length),
  column("lotsStillOut", ({ contract }) => lotsStillOut(contract)),
  ...tripLegs.flatMap((leg) =>
    (["status", "promisedAt", "actualAt", "truck", "trip", "notes"] as const).map((name) =>
      column<ContractRow>(
        `${leg}${name[0]?.toUpperCase()}${name.slice(1)}`,
        ({ contract }) => contract.trips?.[leg]?.[name],
      ),
    ),
  ),
];

/** Hand-counted goods of one name, with what their contract is. */
type LotRow = LotView & Pick<ContractView, "kind" | "client" | "state" | "progress"> & { contract: string };

const lotRowsOf = ({ number, kind, client, state, progress, lots }: ContractView): LotRow[] =>
  lots.map((lot) => ({ contract: number, kind, client, state, progress, ...lot }));

const lotColumns: readonly Column<LotRow>[] = (
  [
    ...(["contract", "kind", "client", "state", "progress"] as const),
    ...(["name", "added", "removed", "balance", "sent", "surplus"] as const),
  ] as const
).map((name) => column<LotRow>(name, (row) => row[name]));

const memberColumns: readonly Column<ContractMember>[] = (
  ["contract", "tag", "class", "state", "outAt", "backAt", "pos"] as const
).map((name) => column<ContractMember>(name, (row) => row[name]));

const sessionColumns: readonly Column<SessionView>[] = [
  ...(
    ["id", "mode", "state", "contract", "place", "class", "begunAt", "closedAt", "lastScanAt"] as const
  ).map((name) => column<SessionView>(name, (session) => session[name])),
  ...(
    ["expected", "found", "unexpected", "missing", "unknown", "rejected", "lateScans", "duplicates"] as const
  ).map((name) => column<SessionView>(name, (session) => session[name])),
  column("complete", ({ complete }) => (complete === null ? null : String(complete))),
  column("people", ({ people }) => people.join(", ")),
  column("devices", ({ devices }) => devices.join(", ")),
  column("station", ({ station }) => station),
  column("waitingFor", ({ waitingFor }) => waitingFor.join(", ")),
];

/** What a tag is in its session. An expected one whose scan was refused is missing all the same; `outcome` tells the rest. */
const findingOf = ({ expected, outcome }: SessionTag): string | null => {
  if (outcome === "seen") return expected ? "found" : "unexpected";
  return expected ? "missing" : outcome;
};

const sessionTagColumns: readonly Column<SessionTag>[] = [
  column("session", ({ session }) => session),
  column("tag", ({ tag }) => tag),
  column("class", (row) => row.class),
  column("finding", findingOf),
  column("expected", ({ expected }) => String(expected)),
  ...(["outcome", "type", "seenAt"] as const).map((name) => column<SessionTag>(name, (row) => row[name])),
];

/** Contracts page by page, as people read them, and what rows come of each. */
const contractPages = <Row extends object>(
  { bus }: Edge,
  note: NoteAsOf,
  asked: { readonly site: string } & ReturnType<typeof contractsWanted>,
  rowsOfOne: (contract: ContractView) => readonly Row[],
): AsyncGenerator<readonly RowOfRecord<Row>[]> =>
  recordPages(note, async (cursor) => {
    const { contracts, ...answer } = await inquire(bus, AskContracts, { limit: pageRows, cursor, ...asked });
    return { rows: contracts.flatMap((contract) => rowsOfOne(contractView(contract))), ...answer };
  });

/** What operations records of contracts and sessions, as files. */
export const recordExports: readonly ExportList[] = [
  list({
    path: "/contracts",
    operationId: "exportContracts",
    summary: "Contracts of a site as a file, a row for each line, in the order of their numbers",
    params: SiteParams,
    query: ContractsFilter,
    columns: recordColumns(contractColumns),
    pages: (edge, { params, query }, note) =>
      contractPages(edge, note, { ...params, ...contractsWanted(query) }, rowsOf),
  }),
  list({
    path: "/lots",
    operationId: "exportLots",
    summary: "Hand-counted goods of all contracts as a file, in the order of the contracts' numbers",
    params: SiteParams,
    query: ContractsFilter,
    columns: recordColumns(lotColumns),
    pages: (edge, { params, query }, note) =>
      contractPages(edge, note, { ...params, ...contractsWanted(query) }, lotRowsOf),
  }),
  list({
    path: "/contracts/:number/lots",
    operationId: "exportContractLots",
    summary: "Hand-counted goods of a contract as a file, by name",
    params: ContractParams,
    query: Type.Object({}),
    columns: recordColumns(lotColumns),
    pages: ({ bus }, { params }, note) =>
      recordPages(note, async () => {
        const { contract, ...answer } = await inquire(bus, AskContract, params);
        if (contract === null) throw new Fault("contract_unknown", params.number);
        return { rows: lotRowsOf(contractView(contract)), next: null, ...answer };
      }),
  }),
  list({
    path: "/contracts/:number/items",
    operationId: "exportContractItems",
    summary: "What is on a contract as a file, item by item, of its own record",
    params: ContractParams,
    query: MembersFilter,
    columns: recordColumns(memberColumns),
    pages: async function* ({ bus }, { params, query: { state } }, note) {
      const { contract } = await inquire(bus, AskContract, params);
      if (contract === null) throw new Fault("contract_unknown", params.number);
      yield* recordPages(note, async (cursor) => {
        const more = said({ state: state === undefined ? undefined : [state] });
        const asked = { ...params, limit: pageRows, cursor, ...more };
        const { members, ...answer } = await inquire(bus, AskContractMembers, asked);
        return { rows: members, ...answer };
      });
    },
  }),
  list({
    path: "/sessions",
    operationId: "exportSessions",
    summary: "Sessions of a site as a file, those that changed last first",
    params: SiteParams,
    query: SessionsFilter,
    columns: recordColumns(sessionColumns),
    pages: ({ bus }, { params, query }, note) =>
      recordPages(note, async (cursor) => {
        const asked = { ...params, limit: pageRows, cursor, ...sessionsWanted(query) };
        const { sessions, ...answer } = await inquire(bus, AskSessions, asked);
        return { rows: sessions.map(sessionView), ...answer };
      }),
  }),
  list({
    path: "/sessions/:id/tags",
    operationId: "exportSessionTags",
    summary: "The tags of a session as a file: found, unexpected, missing, unknown or rejected",
    params: SessionParams,
    query: SessionTagsFilter,
    columns: recordColumns(sessionTagColumns),
    pages: async function* ({ bus }, { params: { site, id: written }, query }, note) {
      const id = written.toLowerCase();
      const { session } = await inquire(bus, AskSession, { site, id });
      if (session === null) throw new Fault("session_unknown", id);
      yield* recordPages(note, async (cursor) => {
        const asked = { site, id, limit: pageRows, cursor, ...said(query) };
        const { tags, ...answer } = await inquire(bus, AskSessionTags, asked);
        return { rows: tags, ...answer };
      });
    },
  }),
];
