import Type, { type TOptional, type TString } from "typebox";
import { alertKinds, serviceQueues } from "./alert-params.ts";
import { alertStates } from "./alerts.ts";
import { crews } from "./classes.ts";
import { contractKinds, contractProgresses, contractStates } from "./contracts.ts";
import { findingCodes } from "./finding-kinds.ts";
import { findingStates, openFindingStates } from "./findings.ts";
import { scanMarks } from "./flagged-scans.ts";
import { tagLengthMax } from "./id-texts.ts";
import { storableText } from "./ids.ts";
import { itemStatuses } from "./item-statuses.ts";
import { readerPhases } from "./readers.ts";
import { rfidproRunStates } from "./rfidpro-runs.ts";
import { sessionModes, sessionStates } from "./sessions.ts";
import { throughputSpans, workerKinds } from "./throughput.ts";

/**
 * One member of a view's filter: what may be written, and which rows it lets through. It is always text, as in a query, so that the
 * same words mean the same over HTTP and live.
 */
export type FilterMember = {
  readonly schema: TOptional<TString>;
  /**
   * `equal`: the row says the same. `among`: it says one of those that are named with commas. `within`: it contains the text, in
   * either case. `typed`: as `among`, of event types with their version or without. `until`: it says that instant, or an earlier one.
   */
  readonly how: "equal" | "among" | "within" | "typed" | "until";
  /**
   * The members of a row that are looked at, of which one has to fit, and of a list one of its members; `key` is the key of the row
   * itself.
   */
  readonly of: readonly string[];
  /** All there are; another one is a mistake of whoever asks. */
  readonly known?: readonly string[];
  /** Words that stand for several of them. */
  readonly families?: Readonly<Record<string, readonly string[]>>;
  /** Tags are compared in the one form under which they are known. */
  readonly isTag?: boolean;
  /** Rows never change in it, so that one that does not fit never did, and nobody has to be told that it is gone. */
  readonly isFixed?: boolean;
};

/**
 * What a live view is. All who deal with views, the gateway above all, read it here and treat every view the same.
 */
export type LiveViewDeclaration = {
  /** Says `live.<site>.<view>` after its commit, and answers for snapshots. */
  readonly owner: "manager" | "reader-gateway" | "api-gateway" | "health-check" | "rfidpro-backup";
  /** Whose positions it counts in: those of the site's log, or the view's own, which say nothing about any other view. */
  readonly clock: "site" | "own";
  /** Whether the newest version of a key is all that counts. Things that happened are never merged, whatever their keys are. */
  readonly isMerged: boolean;
  /**
   * How long changes may be gathered into one frame after the frame before, in ms: `least` always, `most` where the gateway is
   * busy with frames all the time. The first change after quiet goes at once.
   */
  readonly gatherMs: { readonly least: number; readonly most: number };
  readonly filter: Readonly<Record<string, FilterMember>>;
};

/** Screens on the floor show each change as soon as can be, but no client has to take more than ten frames a second from a busy site. */
const floorScreen = { least: 0, most: 100 } as const;
/** Nobody reads figures that change more often. */
const figures = { least: 250, most: 250 } as const;

const text = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ maxLength, pattern: storableText, description }));

/**
 * Time alone changes no row and is told by nobody: a row says since when, and whoever shows it reckons how long that is. Who wants what
 * is old asks for what was so at an instant, and asks again with a later one when that becomes too old.
 */
const until = {
  schema: text(40, "only what is so since this instant or longer, RFC 3339"),
  how: "until",
  of: ["since"],
} as const;

const tag = { schema: text(tagLengthMax, "the tag"), how: "equal", isTag: true, isFixed: true } as const;

/** Every live view. Another one is another entry. */
export const liveViewTable = {
  items: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      status: {
        schema: text(200, "one status, or several with commas"),
        how: "among",
        of: ["status"],
        known: itemStatuses,
      },
      class: { schema: text(120, "rental class"), how: "equal", of: ["class"] },
      place: { schema: text(64, "where it is"), how: "equal", of: ["place"] },
      tag: { ...tag, of: ["key"] },
      q: {
        schema: text(100, "part of a tag, a name or a class"),
        how: "within",
        of: ["tag", "name", "class"],
      },
    },
  },
  events: {
    owner: "manager",
    clock: "site",
    isMerged: false,
    gatherMs: floorScreen,
    filter: {
      tag: { ...tag, of: ["tag"] },
      contract: {
        schema: text(40, "the contract's number"),
        how: "equal",
        of: ["contract"],
        isFixed: true,
      },
      session: { schema: text(64, "the session's id"), how: "equal", of: ["session"], isFixed: true },
      type: {
        schema: text(400, "one type or several with commas, with their version or without"),
        how: "typed",
        of: ["type"],
        isFixed: true,
      },
    },
  },
  dashboard: { owner: "manager", clock: "site", isMerged: true, gatherMs: figures, filter: {} },
  readers: {
    owner: "reader-gateway",
    clock: "own",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      id: { schema: text(48, "the reader's id"), how: "equal", of: ["key"], isFixed: true },
      status: {
        schema: text(200, "one phase, or several with commas"),
        how: "among",
        of: ["status"],
        known: readerPhases,
      },
    },
  },
  contracts: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      number: { schema: text(40, "the contract's number"), how: "equal", of: ["key"], isFixed: true },
      kind: {
        schema: text(40, "one kind, or several with commas"),
        how: "among",
        of: ["kind"],
        known: contractKinds,
      },
      state: {
        schema: text(100, "one state, or several with commas; current is all that are not over"),
        how: "among",
        of: ["state"],
        known: contractStates,
        families: { current: ["open", "finalized", "returned"] },
      },
      progress: {
        schema: text(100, "how far it is, or several with commas"),
        how: "among",
        of: ["progress"],
        known: contractProgresses,
      },
      q: {
        schema: text(100, "part of a number or of a client's name"),
        how: "within",
        of: ["number", "client"],
      },
    },
  },
  sessions: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      id: { schema: text(64, "the session's id"), how: "equal", of: ["key"], isFixed: true },
      state: {
        schema: text(100, "one state, or several with commas"),
        how: "among",
        of: ["state"],
        known: sessionStates,
      },
      mode: {
        schema: text(100, "what it is for, or several with commas"),
        how: "among",
        of: ["mode"],
        known: sessionModes,
      },
      contract: { schema: text(40, "the contract's number"), how: "equal", of: ["contract"] },
      station: { schema: text(64, "the station's id"), how: "equal", of: ["station"] },
    },
  },
  queues: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      queue: {
        schema: text(40, "one queue of service, or several with commas"),
        how: "among",
        of: ["queue"],
        known: serviceQueues,
      },
      crew: {
        schema: text(40, "one crew, or several with commas"),
        how: "among",
        of: ["crew"],
        known: crews,
      },
      class: { schema: text(120, "rental class"), how: "equal", of: ["class"] },
      tag: { ...tag, of: ["key"] },
    },
  },
  throughput: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: figures,
    filter: {
      span: {
        schema: text(20, "hour or day"),
        how: "among",
        of: ["span"],
        known: throughputSpans,
        isFixed: true,
      },
      kind: {
        schema: text(40, "person, device or reader, or several with commas"),
        how: "among",
        of: ["kind"],
        known: workerKinds,
        isFixed: true,
      },
      who: { schema: text(200, "who scanned"), how: "equal", of: ["who"], isFixed: true },
    },
  },
  utilisation: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: figures,
    filter: {
      class: { schema: text(120, "rental class"), how: "equal", of: ["class"], isFixed: true },
    },
  },
  idle: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: figures,
    filter: {
      class: { schema: text(120, "rental class"), how: "equal", of: ["class"] },
      until,
      tag: { ...tag, of: ["key"] },
    },
  },
  stale: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: figures,
    filter: {
      class: { schema: text(120, "rental class"), how: "equal", of: ["class"] },
      until,
      tag: { ...tag, of: ["key"] },
    },
  },
  lag: { owner: "manager", clock: "site", isMerged: true, gatherMs: figures, filter: {} },
  screens: { owner: "api-gateway", clock: "own", isMerged: true, gatherMs: figures, filter: {} },
  flagged: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      mark: {
        schema: text(40, "a flag or a code of a receipt; rejected; or late"),
        how: "equal",
        of: ["marks"],
        known: scanMarks,
        isFixed: true,
      },
      tag: { ...tag, of: ["tag"] },
    },
  },
  quarantine: {
    owner: "manager",
    clock: "site",
    isMerged: true,
    gatherMs: floorScreen,
    filter: { tag: { ...tag, of: ["key"] }, until },
  },
  alerts: {
    owner: "manager",
    clock: "own",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      state: {
        schema: text(200, "one state or several with commas; open is all but resolved"),
        how: "among",
        of: ["state"],
        known: alertStates,
        families: { open: alertStates.filter((state) => state !== "resolved") },
      },
      kind: {
        schema: text(200, "one kind or several with commas"),
        how: "among",
        of: ["kind"],
        known: alertKinds,
        isFixed: true,
      },
    },
  },
  findings: {
    owner: "health-check",
    clock: "own",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      state: {
        schema: text(200, "one state or several with commas; open is all that somebody has still to settle"),
        how: "among",
        of: ["state"],
        known: findingStates,
        families: { open: openFindingStates },
      },
      code: {
        schema: text(400, "one code or several with commas"),
        how: "among",
        of: ["code"],
        known: findingCodes,
        isFixed: true,
      },
    },
  },
  rfidpro: {
    owner: "rfidpro-backup",
    clock: "own",
    isMerged: true,
    gatherMs: floorScreen,
    filter: {
      state: {
        schema: text(100, "one state of a run, or several with commas"),
        how: "among",
        of: ["state"],
        known: rfidproRunStates,
      },
    },
  },
} as const satisfies Readonly<Record<string, LiveViewDeclaration>>;
