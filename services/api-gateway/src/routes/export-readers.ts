import {
  type Antenna,
  type AntennaCounts,
  filterRules,
  type Reader,
  type ReaderCounts,
  ReaderId,
  type ReaderSettingsRow,
  strayReasons,
  unattributed,
} from "@tagwire/messages";
import Type from "typebox";
import type { Column } from "../transfer/export-formats.ts";
import { column, type ExportList, list, SiteParams } from "./export-list.ts";
import { readerPages } from "./reader-pages.ts";

/** `no_tid` as part of a column's name: `NoTid`. */
const inName = (word: string): string =>
  word
    .split("_")
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join("");

type Counts = Omit<ReaderCounts, "frames" | "malformed" | "antennas">;
type Counting = { readonly counts?: Counts | undefined };

/**
 * The ledger, a column for each of its own. Where a version tells no rules and reasons, or no antennas, nothing is said; where it does and
 * there were none, none.
 */
const ledgerColumns = <Row extends Counting>(): Column<Row>[] => {
  const counted = (names: readonly (keyof Omit<Counts, "filteredBy" | "strays">)[]) =>
    names.map((name) => column<Row>(name, ({ counts }) => counts?.[name]));
  const parts = <Name extends string>(
    called: string,
    names: readonly Name[],
    of: (counts: Counts) => Partial<Record<Name, number>> | undefined,
  ) =>
    names.map((name) =>
      column<Row>(`${called}${inName(name)}`, ({ counts }) => {
        const told = counts === undefined ? undefined : of(counts);
        return told === undefined ? undefined : (told[name] ?? 0);
      }),
    );
  return [
    ...counted(["reads", "filtered"]),
    ...parts("filtered", [...filterRules, unattributed], ({ filteredBy }) => filteredBy),
    ...counted(["held", "observed", "observations"]),
    ...parts("stray", strayReasons, ({ strays }) => strays),
    ...counted(["accepted", "alreadyApplied", "rejected", "quarantined", "pending"]),
  ];
};

const readerColumns: readonly Column<Reader>[] = [
  ...(["id", "driver", "address", "station", "status", "since", "firmware"] as const).map((name) =>
    column<Reader>(name, (reader) => reader[name]),
  ),
  column("antennas", ({ antennas }) => JSON.stringify(antennas)),
  column("model", ({ model }) => model),
  column("fault", ({ fault }) => fault?.code),
  column("clockOffsetMs", ({ clockOffsetMs }) => clockOffsetMs),
  column("frames", ({ counts }) => counts.frames),
  column("malformed", ({ counts }) => counts.malformed),
  ...ledgerColumns<Reader>(),
];

/** An antenna that is set or has read something, or the rest of a reader that none of them accounts for. */
type AntennaRow = {
  readonly reader: string;
  readonly port: string;
  readonly setting: Antenna | undefined;
  readonly connected: boolean | undefined;
  readonly counts: AntennaCounts | undefined;
};

export const antennaRowsOf = ({ id, antennas, antennasConnected, counts }: Reader): AntennaRow[] => {
  const set = new Map(antennas.map((antenna) => [String(antenna.port), antenna]));
  const counted = counts.antennas ?? {};
  const ports = new Set([...set.keys(), ...Object.keys(counted)]);
  const inOrder = [...ports].sort((left, right) =>
    left === unattributed ? 1 : right === unattributed ? -1 : Number(left) - Number(right),
  );
  return inOrder.map((port) => ({
    reader: id,
    port,
    setting: set.get(port),
    connected: antennasConnected[port],
    counts: counted[port],
  }));
};

const antennaColumns: readonly Column<AntennaRow>[] = [
  column("reader", ({ reader }) => reader),
  column("port", ({ port }) => port),
  ...(["place", "role", "station", "side", "powerDbm"] as const).map((name) =>
    column<AntennaRow>(name, ({ setting }) => setting?.[name]),
  ),
  column("connected", ({ connected }) => (connected === undefined ? undefined : connected ? "yes" : "no")),
  ...ledgerColumns<AntennaRow>(),
];

/** The settings of a reader as an import takes them: without its login, and with null for what it leaves to the reader. */
export const settingsRowOf = (reader: Reader): ReaderSettingsRow => {
  const { id, driver, address = null, antennas, station, rules = {}, region = null, session = null } = reader;
  return {
    id,
    driver,
    address,
    antennas,
    ...(station === undefined ? {} : { station }),
    rules,
    region,
    session,
  };
};

const settingsColumns: readonly Column<ReaderSettingsRow>[] = [
  ...(["id", "driver", "address", "station", "region", "session"] as const).map((name) =>
    column<ReaderSettingsRow>(name, (row) => row[name]),
  ),
  column("antennas", ({ antennas }) => JSON.stringify(antennas)),
  column("rules", ({ rules }) => JSON.stringify(rules)),
];

/** Readers and their antennas as files, each with its ledger. */
export const readerExports: readonly ExportList[] = [
  list({
    path: "/readers",
    operationId: "exportReaders",
    summary: "Readers of a site as a file, with their ledgers",
    params: SiteParams,
    query: Type.Object({}),
    columns: readerColumns,
    pages: ({ bus }, { params }) => readerPages(bus, params.site),
  }),
  list({
    path: "/readers/settings",
    operationId: "exportReaderSettings",
    summary: "Settings of a site's readers as a file, without passwords; as NDJSON an import takes it again",
    params: SiteParams,
    query: Type.Object({ reader: Type.Optional(ReaderId) }),
    columns: settingsColumns,
    pages: async function* ({ bus }, { params, query: { reader } }) {
      for await (const page of readerPages(bus, params.site))
        yield page.filter(({ id }) => reader === undefined || id === reader).map(settingsRowOf);
    },
  }),
  list({
    path: "/readers/antennas",
    operationId: "exportAntennas",
    summary: "Antennas of a site's readers as a file, with the ledger of each",
    params: SiteParams,
    query: Type.Object({}),
    columns: antennaColumns,
    pages: async function* ({ bus }, { params }) {
      for await (const page of readerPages(bus, params.site)) yield page.flatMap(antennaRowsOf);
    },
  }),
];
