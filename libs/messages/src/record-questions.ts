import Type, { type Static, type TSchema } from "typebox";
import { RentalClass } from "./classes.ts";
import { Contract, ContractKind, ContractMember, contractStates, memberStates } from "./contracts.ts";
import { LoggedEvent } from "./events.ts";
import { ClientId, SiteId, storableText } from "./ids.ts";
import { By } from "./items.ts";
import { LaundryRound, RoundItem, roundFindings } from "./laundry-rounds.ts";
import { question } from "./question.ts";
import { recordPosition } from "./record-position.ts";
import { ScanType } from "./scans.ts";
import { Session, SessionMode, SessionTag, sessionFindings, sessionStates } from "./sessions.ts";

/* What operations answers of contracts, sessions and classes, from the record itself. Pages follow each other by `cursor`. */

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const site = { site: SiteId };
const page = { limit: Type.Integer({ minimum: 1, maximum: 1_000 }), cursor: nullable(Type.String()) };
const next = { next: nullable(Type.String()), ...recordPosition };

export const AskContracts = question({
  service: "operations",
  name: "contracts",
  question: Type.Object({
    ...site,
    ...page,
    kind: Type.Optional(ContractKind),
    state: Type.Optional(Type.Array(Type.Enum(contractStates))),
    /** Part of a number or of a client's name. */
    q: Type.Optional(Type.String({ pattern: storableText })),
  }),
  answer: Type.Object({ contracts: Type.Array(Contract), ...next }),
});

export const AskContract = question({
  service: "operations",
  name: "contract",
  question: Type.Object({ ...site, number: Type.String() }),
  answer: Type.Object({ contract: nullable(Contract), ...recordPosition }),
});

export const AskContractMembers = question({
  service: "operations",
  name: "contract-members",
  question: Type.Object({
    ...site,
    ...page,
    number: Type.String(),
    state: Type.Optional(Type.Array(Type.Enum(memberStates))),
  }),
  answer: Type.Object({ members: Type.Array(ContractMember), ...next }),
});

/** The events that name a contract, the newest first. */
export const AskContractEvents = question({
  service: "operations",
  name: "contract-events",
  question: Type.Object({ ...site, ...page, number: Type.String() }),
  answer: Type.Object({ events: Type.Array(LoggedEvent), ...next }),
});

/** The rounds of a laundry contract, the newest first; `number` is that of the contract that a merged one became part of. */
export const AskContractRounds = question({
  service: "operations",
  name: "contract-rounds",
  question: Type.Object({ ...site, ...page, number: Type.String() }),
  answer: Type.Object({ number: Type.String(), rounds: Type.Array(LaundryRound), ...next }),
});

/** What became of each item in a round, by tag. */
export const AskRoundItems = question({
  service: "operations",
  name: "round-items",
  question: Type.Object({
    ...site,
    ...page,
    number: Type.String(),
    round: Type.Integer({ minimum: 1 }),
    finding: Type.Optional(Type.Array(Type.Enum(roundFindings))),
  }),
  answer: Type.Object({ number: Type.String(), items: Type.Array(RoundItem), ...next }),
});

export const AskSessions = question({
  service: "operations",
  name: "sessions",
  question: Type.Object({
    ...site,
    ...page,
    mode: Type.Optional(SessionMode),
    state: Type.Optional(Type.Array(Type.Enum(sessionStates))),
    contract: Type.Optional(Type.String()),
    station: Type.Optional(Type.String()),
  }),
  answer: Type.Object({ sessions: Type.Array(Session), ...next }),
});

export const AskSession = question({
  service: "operations",
  name: "session",
  question: Type.Object({ ...site, id: ClientId }),
  /** `duplicates` counts the repeats so far, also while it is open. */
  answer: Type.Object({ session: nullable(Session), duplicates: Type.Integer() }),
});

export const AskSessionTags = question({
  service: "operations",
  name: "session-tags",
  question: Type.Object({
    ...site,
    ...page,
    id: ClientId,
    finding: Type.Optional(Type.Enum(sessionFindings)),
  }),
  answer: Type.Object({ tags: Type.Array(SessionTag), ...next }),
});

export const AskClasses = question({
  service: "operations",
  name: "classes",
  question: Type.Object({ ...site, ...page }),
  answer: Type.Object({ classes: Type.Array(RentalClass), ...next }),
});

/** A scan that waits until somebody commissions its tag. */
export const QuarantinedScan = Type.Object({
  tag: Type.String(),
  scanId: Type.String(),
  type: ScanType,
  scannedAt: Type.String({ description: "as the device wrote it" }),
  receivedAt: Type.String(),
  by: By,
  place: nullable(Type.String()),
  contract: nullable(Type.String()),
  session: nullable(Type.String()),
});
export type QuarantinedScan = Static<typeof QuarantinedScan>;

/** Scans that wait in quarantine, by their tags; of one tag only, where it is named. */
export const AskQuarantine = question({
  service: "operations",
  name: "quarantine",
  question: Type.Object({ ...site, ...page, tag: Type.Optional(Type.String({ maxLength: 1_024 })) }),
  answer: Type.Object({ scans: Type.Array(QuarantinedScan), ...next }),
});
