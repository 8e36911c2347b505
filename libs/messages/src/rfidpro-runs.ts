import Type, { type Static, type TSchema } from "typebox";
import { ClientId, Instant, SiteId } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** The three data sets of RFIDpro: rental classes ("seed data"), the item master, and one row for each scan. */
export const rfidproDatasets = ["classes", "items", "transactions"] as const;
export type RfidproDataset = (typeof rfidproDatasets)[number];

/**
 * What a pull came to. `complete`: every row was seen once while nothing moved. `partial`: some are missing, and what is missing is no
 * news. `unstable`: the rows moved under every pass. `failed`: nothing can be said.
 */
export const pullVerdicts = ["complete", "partial", "unstable", "failed"] as const;
export type PullVerdict = (typeof pullVerdicts)[number];

/** `running` is the only state that ends by itself; `cancelled` says that a person ended it, and its verdict is never `complete`. */
export const rfidproRunStates = ["running", "done", "cancelled"] as const;

/** How far one data set has come. */
export const DatasetProgress = Type.Object({
  dataset: Type.Enum(rfidproDatasets),
  rows: Type.Integer({ description: "different rows seen" }),
  total: nullable(Type.Integer({ description: "as RFIDpro counts them; null until it has said so" })),
  pages: Type.Integer(),
  requests: Type.Integer({ description: "those that were repeated, too" }),
  passes: Type.Integer({ description: "how often it was read from the start" }),
  verdict: nullable(Type.Enum(pullVerdicts)),
  why: nullable(Type.String({ description: "why it is not complete" })),
  since: Type.Optional(
    nullable(
      Type.String({
        description: "only what RFIDpro took since then was asked for, by its own clock; null for everything",
      }),
    ),
  ),
});
export type DatasetProgress = Static<typeof DatasetProgress>;

export const RfidproRun = Type.Object({
  id: ClientId,
  site: SiteId,
  by: Type.String({ description: "who clicked; tagwire when a schedule did" }),
  how: Type.Enum(["manual", "scheduled"] as const),
  state: Type.Enum(rfidproRunStates),
  verdict: nullable(Type.Enum(pullVerdicts)),
  why: nullable(Type.String({ description: "in words for whoever asked, also when all went well" })),
  startedAt: Instant,
  endedAt: nullable(Instant),
  datasets: Type.Array(DatasetProgress),
  compare: Type.Boolean({ description: "whether it is compared with the record of operations" }),
  import: Type.Boolean({
    description: "whether it may be imported: previewed first, and confirmed by a person",
  }),
  incremental: Type.Optional(
    Type.Boolean({
      description: "whether of the scans those alone were wanted that RFIDpro took since the pull before",
    }),
  ),
  continued: Type.Optional(
    Type.Integer({ description: "how often another process has gone on with it after one was gone" }),
  ),
  rechecks: Type.Optional(
    Type.Object(
      {
        run: ClientId,
        number: Type.Integer({ description: "how many runs in a row were begun so" }),
      },
      { description: "the run after which it was begun by itself, to decide what was pending then" },
    ),
  ),
  retries: Type.Optional(
    Type.Object(
      {
        run: ClientId,
        number: Type.Integer({ description: "how many runs in a row were begun so" }),
      },
      { description: "the run of a schedule that was not whole, and for which it was begun by itself" },
    ),
  ),
  notCompared: Type.Optional(
    Type.Object(
      {
        code: Type.String({ description: "of the fault catalogue" }),
        isRetryable: Type.Boolean({ description: "whether the same run begun again may come to more" }),
      },
      {
        description:
          "why it could not be compared, though it should have been; its last sentence says so in words",
      },
    ),
  ),
  differences: nullable(Type.Integer({ description: "how many; null before it was compared" })),
  agreement: nullable(
    Type.Number({ minimum: 0, maximum: 1, description: "share of what was compared that agrees" }),
  ),
  manifest: nullable(Type.String({ description: "SHA-256 of its manifest in the archive, in hex" })),
});
export type RfidproRun = Static<typeof RfidproRun>;

const id = { site: SiteId, id: ClientId };
const page = { limit: Type.Integer({ minimum: 1, maximum: 200 }), cursor: nullable(Type.String()) };

/** A row of the live view `rfidpro`: a run, which changes as it goes on. */
export const RfidproRunRow = Type.Object({
  ...RfidproRun.properties,
  key: Type.String(),
  version: Type.Integer(),
});
export type RfidproRunRow = Static<typeof RfidproRunRow>;

/** Begins a pull and answers at once with the run. One at a time for each site: another is refused with `rfidpro.running`. */
export const AskStartRfidproRun = question({
  service: "rfidpro-backup",
  name: "start-run",
  question: Type.Object({
    ...id,
    by: Type.String(),
    how: Type.Enum(["manual", "scheduled"] as const),
    datasets: Type.Array(Type.Enum(rfidproDatasets), { minItems: 1, maxItems: rfidproDatasets.length }),
    compare: Type.Boolean(),
    import: Type.Boolean(),
    incremental: Type.Optional(Type.Boolean()),
  }),
  answer: Type.Object({ run: RfidproRun }),
});
export const AskRfidproRuns = question({
  service: "rfidpro-backup",
  name: "runs",
  question: Type.Object({ site: nullable(SiteId), ...page }),
  answer: Type.Object({ runs: Type.Array(RfidproRun), next: nullable(Type.String()) }),
});
export const AskRfidproRun = question({
  service: "rfidpro-backup",
  name: "run",
  question: Type.Object({ id: ClientId }),
  answer: Type.Object({ run: nullable(RfidproRun) }),
});
export const AskCancelRfidproRun = question({
  service: "rfidpro-backup",
  name: "cancel-run",
  question: Type.Object({ id: ClientId, by: Type.String() }),
  answer: Type.Object({ run: RfidproRun }),
});
/** What the archive says of a run, to the letter, so that whoever has it can reckon its SHA-256; null before there is one. */
export const AskRfidproManifest = question({
  service: "rfidpro-backup",
  name: "manifest",
  question: Type.Object({ id: ClientId }),
  answer: Type.Object({ manifest: nullable(Type.String()) }),
});
/** With what an archive is verified: the key that signs, and of each site how many manifests there are and the newest. */
export const AskRfidproArchive = question({
  service: "rfidpro-backup",
  name: "archive",
  question: Type.Object({}),
  answer: Type.Object({
    publicKey: nullable(Type.String({ description: "Ed25519, PEM; null before anything was signed" })),
    heads: Type.Array(
      Type.Object({
        site: SiteId,
        number: Type.Integer(),
        manifest: Type.String({ description: "SHA-256 of the newest manifest, in hex" }),
      }),
    ),
    underWay: Type.Optional(
      Type.Array(ClientId, {
        description:
          "runs whose manifest is yet to be laid into the archive: their files may be there without it",
      }),
    ),
  }),
});
/** The rows of the live view `rfidpro`: the newest runs of a site. */
export const AskRfidproRows = question({
  service: "rfidpro-backup",
  name: "rows",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({ epoch: Type.Integer(), pos: Type.Integer(), rows: Type.Array(RfidproRunRow) }),
});
