import Type, { type Static } from "typebox";

/** What tells one tag from another: its EPC, the number that its chip was made with, or both, where EPCs are not unique. */
export const tagIdentities = ["epc", "tid", "both"] as const;
export type TagIdentity = (typeof tagIdentities)[number];

/** More than a site has numbering schemes; each read is looked at by all of them. */
export const wantedTagsMax = 64;

/**
 * When the reads of a reader, or at a station, mean something. What is absent is as the reader says it, and else as every reader of the
 * installation has it; what a station says goes first.
 */
export const ReadRules = Type.Partial(
  Type.Object({
    minRssiDbm: Type.Union([Type.Number({ minimum: -120, maximum: 0 }), Type.Null()], {
      description: "weaker reads prove nothing, in dBm; null takes all",
    }),
    minReads: Type.Integer({ minimum: 1, maximum: 1_000, description: "so many strong reads in a window" }),
    windowMs: Type.Integer({
      minimum: 10,
      maximum: 60_000,
      description: "the window that reads are counted in",
    }),
    dwellMs: Type.Integer({
      minimum: 0,
      maximum: 60_000,
      description: "how long a tag has to be read there",
    }),
    departMs: Type.Integer({
      minimum: 1_000,
      maximum: 604_800_000,
      description: "a tag that was not read for this long is gone; its next read is news",
    }),
    reReportMs: Type.Integer({
      minimum: 100,
      maximum: 86_400_000,
      description: "a tag that stays is said again after this long",
    }),
    moveThresholdDb: Type.Number({
      minimum: 0,
      maximum: 40,
      description: "how much stronger another place has to be for a tag to have moved there",
    }),
    moveHoldOffMs: Type.Integer({
      minimum: 0,
      maximum: 60_000,
      description: "how long a tag may go unread where it is before less will do",
    }),
    tags: Type.Array(
      Type.String({
        minLength: 1,
        maxLength: 128,
        pattern: "^(?:[0-9A-Fa-f]+|urn:epc:id:[!-~]+|https:[!-~]+)$",
      }),
      {
        maxItems: wantedTagsMax,
        description:
          "what wanted tags begin with, in hex, as pure identity (urn:epc:id:sgtin:0614141.) or as Digital Link; all are wanted when empty",
      },
    ),
    identity: Type.Enum(tagIdentities, {
      description:
        "epc: the EPC is the tag's name. tid: the number of its chip is, and reads without it are filtered. both: the EPC is, and two chips with one EPC are told apart",
    }),
  }),
  { additionalProperties: false },
);
export type ReadRules = Static<typeof ReadRules>;
