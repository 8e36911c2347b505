import Type, { type Static } from "typebox";
import { ReaderId, SiteId } from "./ids.ts";
import { question } from "./question.ts";

/** How long a test read may last, in seconds, and how long it does where nobody says. */
export const testReadSecondsMax = 10;
export const testReadSecondsDefault = 3;
/** Tags at antennas that one answer tells of. */
export const testedTagsMax = 500;

/** A tag as one antenna heard it during a test. */
export const TestedTag = Type.Object({
  tag: Type.String({ description: "the EPC in hex; empty where the tag has none" }),
  tid: Type.Optional(Type.String({ description: "the number of its chip, where the reader tells it" })),
  antenna: Type.Integer(),
  rssiDbm: Type.Union([Type.Number(), Type.Null()], {
    description: "the strongest read, in dBm; null where the reader tells no strength",
  }),
  count: Type.Integer({ description: "reads of it at this antenna" }),
});
export type TestedTag = Static<typeof TestedTag>;

export const TestRead = Type.Object(
  {
    reader: ReaderId,
    seconds: Type.Integer(),
    reads: Type.Integer({ description: "all reads, also of tags that are not named" }),
    tags: Type.Array(TestedTag, { description: `the loudest first, ${testedTagsMax} at most` }),
  },
  { description: "what a reader heard while it was tested" },
);
export type TestRead = Static<typeof TestRead>;

export const BeginTestRead = Type.Object(
  {
    seconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: testReadSecondsMax, default: testReadSecondsDefault }),
    ),
  },
  { additionalProperties: false },
);
export type BeginTestRead = Static<typeof BeginTestRead>;

/**
 * Listens to a reader for a while and tells what it hears. Those reads become no observations: the ledger has them as filtered by the
 * rule `test`. Answered when the time is over; `reader.idle` when the reader does not read, `reader.busy` when it is tested already.
 */
export const AskTestRead = question({
  service: "reader-gateway",
  name: "test-read",
  question: Type.Object({
    site: SiteId,
    id: ReaderId,
    seconds: Type.Integer({ minimum: 1, maximum: testReadSecondsMax }),
  }),
  answer: TestRead,
});
