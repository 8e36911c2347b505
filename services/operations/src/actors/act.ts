import { createHash } from "node:crypto";
import { canonicalJson } from "@tagwire/digest";
import {
  type BeginSession,
  type Command,
  normaliseTag,
  type Scan,
  type UndoEvents,
  type UndoneEvent,
} from "@tagwire/messages";
import type { Origin } from "./decision.ts";
import type { Evidence } from "./heard-scan.ts";
import type { ImportedRow } from "./import-row.ts";
import { scanningStation } from "./station-scan.ts";

/** Commands that are one act each; the others are a site's beginning, and scans and rows of a file, which are an act each. */
export type ActCommand = Exclude<
  Command,
  { kind: "site.create" | "audit.barrier" | "rule.run" | "scans.record" | "items.import" }
>;

type CommandAct<C extends ActCommand = ActCommand> = C extends ActCommand
  ? { readonly kind: C["kind"]; readonly id: string; readonly origin: Origin; readonly body: C["body"] }
  : never;

/** One thing asked of a site, with the identity under which its answer is kept. */
export type Act =
  | {
      readonly kind: "scan";
      readonly id: string;
      readonly origin: Origin;
      readonly scan: Scan;
      readonly evidence?: Evidence;
      /** How far the clock of whoever sent it is ahead, in ms, less the time that it was on its way; absent where nobody said. */
      readonly clockOffsetMs?: number;
      /** Whose count its number is, where the sender says so: the name of a ledger. */
      readonly countedBy?: string;
    }
  | CommandAct
  | {
      readonly kind: "import";
      readonly id: string;
      readonly origin: Origin;
      readonly body: ImportedRow;
      /** Whether the row may make an item alone, and set nothing of one that is there. */
      readonly onlyNew?: boolean;
    }
  | {
      /** What became of an undo that was taken back in parts: it keeps its answer, and nothing else. */
      readonly kind: "undo.told";
      readonly id: string;
      readonly origin: Origin;
      readonly body: UndoEvents;
      readonly undone: readonly UndoneEvent[];
    };

/** Acts that come to one decision; an undo and a dismissal are about what others left. */
export type PlainAct = Exclude<Act, { kind: "events.undo" | "undo.told" | "quarantine.dismiss" }>;

/** The tags an act names, as they were written. */
const writtenTags = (act: Act): readonly string[] => {
  switch (act.kind) {
    case "scan":
      return [act.scan.tag];
    case "item.create":
    case "item.patch":
    case "import":
    case "quarantine.dismiss":
    case "photo.add":
    case "photo.delete":
      return [act.body.tag];
    case "item.retag":
      return [act.body.tag, act.body.to];
    case "tags.confirm":
      return [...act.body.tags, ...(act.body.misprints ?? []).map(({ tag }) => tag)];
    default:
      return [];
  }
};

/** The tag an act is about, in its one form; undefined when nobody can have such a tag, and of acts that are about no item. */
export const tagOf = (act: Act): string | undefined => {
  if (act.kind === "tags.confirm") return undefined;
  const [written] = writtenTags(act);
  return written === undefined ? undefined : normaliseTag(written);
};

/** Every tag whose item an act may change. */
export const tagsOf = (act: Act): readonly string[] =>
  writtenTags(act).flatMap((tag) => normaliseTag(tag) ?? []);

/** Tags of which an act does not trust what its owner remembers. */
export const readAnewBy = (act: Act): readonly string[] =>
  act.kind === "item.patch" && act.body.readAnew === true ? tagsOf(act) : [];

/** The contracts an act names; those that its items are out on come besides. */
export const contractsOf = (act: Act): readonly string[] => {
  switch (act.kind) {
    case "scan":
      return act.scan.contract === undefined ? [] : [act.scan.contract.trim()];
    case "contract.open":
      return [act.body.number.trim()];
    case "contract.amend":
    case "contract.act":
    case "contract.trip":
    case "lot.record":
      return [act.body.number.trim()];
    case "contract.merge":
      return [act.body.number.trim(), act.body.into.trim()];
    case "session.begin":
      return act.body.contract === undefined ? [] : [act.body.contract.trim()];
    default:
      return [];
  }
};

/** The session an act belongs to. */
export const sessionOf = (act: Act): string | undefined => {
  switch (act.kind) {
    case "scan":
      return act.scan.session;
    case "session.begin":
      return act.body.id;
    case "session.close":
    case "session.join":
    case "session.declare":
      return act.body.session;
    default:
      return undefined;
  }
};

/** The station whose sessions decide what an act means, or whether it may be. */
export const stationOf = (act: Act): string | undefined => {
  if (act.kind === "session.begin") return act.body.station;
  return act.kind === "scan" ? scanningStation(act.evidence) : undefined;
};

/** Whether a session expects what should be at its place or of its class: only one that goes and looks does, and not what is brought to it. */
export const expectsOnFloor = ({ mode, expected, place, class: name }: BeginSession): boolean =>
  expected === undefined &&
  (mode === "count" || mode === "service") &&
  (place !== undefined || name !== undefined);

/** Acts that have to know more than their tags, contracts and sessions: each is the first of its turn, and that is read for it. */
export const needsGround = (act: Act): boolean =>
  act.kind === "events.undo" ||
  act.kind === "tags.provision" ||
  (act.kind === "tags.confirm" && act.body.all !== undefined) ||
  act.kind === "site.migrate" ||
  act.kind === "rule.set" ||
  act.kind === "zone.set" ||
  act.kind === "photo.add" ||
  act.kind === "photo.delete" ||
  (act.kind === "session.begin" && expectsOnFloor(act.body));

/** The tag that an act may put on a thing. */
export const commissionedBy = (act: Act): string | undefined => {
  if (act.kind === "item.create" || act.kind === "import") return normaliseTag(act.body.tag);
  return act.kind === "item.retag" ? normaliseTag(act.body.to) : undefined;
};

/** The tag for which no scan waits after an act: it is put on a thing, or what waited is dismissed. Those scans are read for its turn. */
export const releasedBy = (act: Act): string | undefined =>
  act.kind === "quarantine.dismiss" ? normaliseTag(act.body.tag) : commissionedBy(act);

const hashBytes = 16;
/** Names under which ids were first kept: a repeat from before must still be known for one. An undo is the same in one part or in many. */
const hashedAs: Readonly<Record<string, string>> = {
  ...{ "item.create": "create", "item.patch": "patch" },
  "undo.told": "events.undo",
};

/** What is measured when a step is asked for is none of what is asked: who asks again measures again. */
const meaningOf = (act: Exclude<Act, { kind: "scan" }>): unknown => {
  if (act.kind !== "site.migrate") return act.body;
  const { from, direction, why, force } = act.body;
  return {
    from,
    direction,
    ...(why === undefined ? {} : { why }),
    ...(force === undefined ? {} : { force }),
  };
};

/** What an id stands for. 128 bits of SHA-256: an accident detector, not a signature. */
export const bodyHashOf = (act: Act): string =>
  createHash("sha256")
    .update(
      canonicalJson(
        act.kind === "scan" ? act.scan : { kind: hashedAs[act.kind] ?? act.kind, body: meaningOf(act) },
      ),
    )
    .digest()
    .subarray(0, hashBytes)
    .toString("base64url");

/** The id under which it is kept that another scan came under an id which was taken: a UUID of that id and of what the scan says. */
export const reuseIdOf = (id: string, bodyHash: string): string => {
  const hex = createHash("sha256").update(`${id} ${bodyHash}`).digest("hex");
  // Version 8 of RFC 9562: made by a rule of our own, and never the id of a device.
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** The ids under which an act may have been answered before. */
export const receiptIdsOf = (act: Act): readonly string[] =>
  act.kind === "scan" ? [act.id, reuseIdOf(act.id, bodyHashOf(act))] : [act.id];
