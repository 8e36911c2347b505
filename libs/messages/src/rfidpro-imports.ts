import Type, { type Static, type TSchema } from "typebox";
import { ClientId, Instant, SiteId } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** What an import does with rows that are not as they should be: each counted in its preview. */
export const rfidproImportRules = [
  "status_unknown",
  "epc_in_status",
  "junk_bin",
  "no_class",
  "unfit",
  "tag_malformed",
  "tag_twin",
  "item_duplicate",
  "there_already",
  "imported_already",
  "imported_in_part",
  "without_history",
  "scan_malformed",
  "scan_duplicate",
  "orphan",
  "future_scan",
  "clock_ahead",
  "return_without_contract",
  "contract_missing",
] as const;
export type RfidproImportRule = (typeof rfidproImportRules)[number];

export const rfidproImportParts = ["classes", "items"] as const;
export type RfidproImportPart = (typeof rfidproImportParts)[number];

const RuleReport = Type.Object({
  rule: Type.Enum(rfidproImportRules),
  what: Type.String({ description: "what is done with such rows, in words" }),
  count: Type.Integer(),
  examples: Type.Array(Type.String()),
});
export type RfidproRuleReport = Static<typeof RuleReport>;

/** What an import of a run would do. `digest` names exactly this; only what was previewed can be confirmed. */
export const RfidproImportPreview = Type.Object({
  run: ClientId,
  site: SiteId,
  digest: Type.String({ description: "SHA-256 of everything that would be sent, in hex" }),
  previewedAt: Instant,
  classes: Type.Integer({ description: "rental classes that would be described" }),
  items: Type.Integer({ description: "items that would be made" }),
  baselines: Type.Integer({ description: "scans that state what each of them is now" }),
  history: Type.Integer({ description: "older scans that would be recorded with their own times" }),
  held: Type.Integer({
    description: "scans of tags that no item carries; they would wait until somebody commissions the tag",
  }),
  ended: Type.Integer({ description: "items that would then be set sold, retired or missing" }),
  rules: Type.Array(RuleReport),
  alreadyThere: Type.Integer({
    description:
      "items that the site has already. They are left alone, but for those under the rule imported_in_part",
  }),
  leftScans: Type.Optional(
    Type.Integer({
      description:
        "scans that are left aside with their item: it is there already, or its tag names the same thing as another",
    }),
  ),
  needs: Type.Array(Type.Enum(rfidproImportParts), {
    description: "what has to be confirmed by name, because the site is not empty",
  }),
});
export type RfidproImportPreview = Static<typeof RfidproImportPreview>;

export const rfidproImportStates = ["running", "done", "failed"] as const;
/** Classes come first; then each item with its baseline, its history and, where it is at an end, that. */
export const rfidproImportSteps = ["classes", "items"] as const;

/** How far an import has come. What was refused is told, and nothing of it was applied. */
export const RfidproImport = Type.Object({
  run: ClientId,
  site: SiteId,
  digest: Type.String(),
  by: Type.String(),
  state: Type.Enum(rfidproImportStates),
  why: nullable(Type.String({ description: "in words for whoever confirmed it" })),
  startedAt: Instant,
  endedAt: nullable(Instant),
  step: Type.Enum(rfidproImportSteps),
  total: Type.Integer({ description: "rows that are to be sent" }),
  sent: Type.Integer({ description: "those that were answered" }),
  recorded: Type.Integer({ description: "those that changed something" }),
  replayed: Type.Integer({ description: "those that were known already" }),
  refused: Type.Integer(),
  refusals: Type.Array(Type.String(), { description: "the first of them" }),
  continued: Type.Optional(
    Type.Integer({ description: "how often it was cut off, and gone on with by itself" }),
  ),
});
export type RfidproImport = Static<typeof RfidproImport>;

export const ConfirmRfidproImport = Type.Object(
  {
    digest: Type.String({ pattern: "^[0-9a-f]{64}$", description: "of the preview" }),
    add: Type.Optional(
      Type.Array(Type.Enum(rfidproImportParts), {
        maxItems: rfidproImportParts.length,
        description: "what may be added to a site that is not empty; what is there already is never changed",
      }),
    ),
  },
  { additionalProperties: false },
);
export type ConfirmRfidproImport = Static<typeof ConfirmRfidproImport>;

export const AskPreviewRfidproImport = question({
  service: "rfidpro-backup",
  name: "preview-import",
  question: Type.Object({ run: ClientId }),
  answer: Type.Object({ preview: RfidproImportPreview }),
});
/** Begins it and answers at once. The same import again is the same one: it goes on, goes on where it failed, or is done already. */
export const AskImportRfidpro = question({
  service: "rfidpro-backup",
  name: "import",
  question: Type.Object({ run: ClientId, by: Type.String(), ...ConfirmRfidproImport.properties }),
  answer: Type.Object({ import: RfidproImport }),
});
/** A row of RFIDpro that fell under a rule of an import, or that operations refused (`refused`). */
export const RfidproRuledRow = Type.Object({
  rule: Type.String(),
  what: Type.String({ description: "what was done with it" }),
  row: Type.String({ description: "the row in a few words: its tag, and what it is about" }),
  identity: Type.String({
    description:
      "SHA-256 by which the archive's items-rows and transactions-rows have it; empty of what was refused",
  }),
});
export type RfidproRuledRow = Static<typeof RfidproRuledRow>;

export const ruledRowsPerPageMax = 500;
/** Every row that fell under a rule of the import of a run, as it was previewed last, and then every one that was refused. */
export const AskRfidproImportRows = question({
  service: "rfidpro-backup",
  name: "import-rows",
  question: Type.Object({
    run: ClientId,
    limit: Type.Integer({ minimum: 1, maximum: ruledRowsPerPageMax }),
    cursor: nullable(Type.String()),
  }),
  answer: Type.Object({ rows: Type.Array(RfidproRuledRow), next: nullable(Type.String()) }),
});
export const AskRfidproImport = question({
  service: "rfidpro-backup",
  name: "imported",
  question: Type.Object({ run: ClientId }),
  answer: Type.Object({ import: nullable(RfidproImport), preview: nullable(RfidproImportPreview) }),
});
