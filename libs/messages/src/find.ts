import Type, { type Static } from "typebox";
import { Instant, ReaderId, SiteId, type SiteId as SiteIdText } from "./ids.ts";
import { question } from "./question.ts";

/*
 * Find mode: somebody walks about with a reader, or past one, and wants to know by the strength of a tag where it is. Nothing of it is a
 * fact; it is said as it is heard, at once or never.
 */

/** Tags that one screen may look for, and all screens of a site together. */
export const findTagsMax = 200;
export const findTagsOfSiteMax = 2_000;
/** How often what was heard meanwhile is said, in ms: twenty times a second, twice what a hand that moves needs. */
export const findIntervalMs = 50;
/** Whoever looks says so again within this time, in ms; nobody reads for who has gone. */
export const findLeaseMs = 6_000;
/** Tags, readers and antennas that one message tells of; of more, the loudest. */
export const foundReadsMax = 500;

export const FindTag = Type.String({ minLength: 1, maxLength: 64 });

/** How loud a tag is at an antenna of a reader: the strongest read since it was said before. */
export const FoundRead = Type.Object({
  tag: Type.String(),
  reader: ReaderId,
  antenna: Type.Integer(),
  rssiDbm: Type.Union([Type.Number(), Type.Null()]),
  count: Type.Integer({ description: "reads since it was said before" }),
  heardAt: Instant,
});
export type FoundRead = Static<typeof FoundRead>;

/** Said on `live.<site>.find`. Core NATS, at most once. */
export const FoundReads = Type.Object({ reads: Type.Array(FoundRead) });
export type FoundReads = Static<typeof FoundReads>;
export const findSubject = (site: SiteIdText): string => `live.${site}.find`;

/** Tells the readers of a site what somebody looks for, for {@link findLeaseMs}; asked again, it goes on. */
export const AskFind = question({
  service: "reader-gateway",
  name: "find",
  question: Type.Object({
    site: SiteId,
    /** Who looks: one process of the gateway speaks for all of its screens. */
    seeker: Type.String({ minLength: 1, maxLength: 64 }),
    tags: Type.Array(FindTag, { maxItems: findTagsOfSiteMax }),
  }),
  answer: Type.Object({ reading: Type.Integer({ description: "readers of the site that read now" }) }),
});
