import type {
  Flag,
  Item,
  ItemChange,
  Scan,
  ScanType,
  Session,
  SessionMode,
  SessionTag,
} from "@tagwire/messages";
import type { Decision } from "./decision.ts";
import { needsContract } from "./scan-contract.ts";

/** What a scan has to know of the session that it was made in. */
export type SessionTask = {
  readonly session: Session | undefined;
  /** The contract that the session is about, under the number it has now. */
  readonly contract: string | undefined;
  /** What the session knows of the tag already. */
  readonly before: SessionTag | undefined;
};

/** What each kind of session is scanned with; anything else is taken all the same, and flagged. */
const typesOf: Readonly<Record<SessionMode, ReadonlySet<ScanType>>> = {
  checkout: new Set(["rental", "stage", "delivery"]),
  // What comes back broken is sent on to its queue in the same breath.
  return: new Set(["return", "pickup", "service"]),
  count: new Set(["count", "touch"]),
  service: new Set(["service", "touch"]),
  laundry: new Set(["rental", "stage", "delivery", "return", "pickup", "service", "count", "touch"]),
};

const goesOut: ReadonlySet<SessionMode> = new Set(["checkout", "laundry"]);
const isAboutContract: ReadonlySet<SessionMode> = new Set(["checkout", "return", "laundry"]);

/** In a session that takes things out on a contract, a scan that names none means that one. */
export const withSessionContract = (scan: Scan, { session, contract }: SessionTask): Scan =>
  scan.contract === undefined &&
  contract !== undefined &&
  session?.mode != null &&
  goesOut.has(session.mode) &&
  needsContract.has(scan.type)
    ? { ...scan, contract }
    : scan;

/** Whether what was scanned leaves as one of the quantities that the session expects to leave on its contract. */
const standsForQuantity = (scan: Scan, decision: Decision, { contract, before }: SessionTask): boolean => {
  const hasCounted = before?.outcome === "seen" && !before.beside;
  if (!needsContract.has(scan.type)) return hasCounted && decision.item?.contract === contract;
  if (decision.said?.contract !== contract) return false;
  // What is out already was not among those that had still to go. What is set aside still had.
  return decision.outcome === "accepted" || scan.type === "stage" || hasCounted;
};

type SessionFlag = Extract<Flag, "contract_not_of_session" | "type_not_of_session">;

const sessionFlags = (
  scan: Scan,
  { said, outcome }: Decision,
  { session, contract }: SessionTask,
): SessionFlag[] => {
  const mode = session?.mode ?? null;
  if (mode === null) return [];
  if (!typesOf[mode].has(scan.type)) return ["type_not_of_session"];
  const isOther =
    isAboutContract.has(mode) &&
    outcome === "accepted" &&
    contract !== undefined &&
    said?.contract !== undefined &&
    said.contract !== contract;
  return isOther ? ["contract_not_of_session"] : [];
};

/**
 * A decision as the session it was made in tells it: of which class the thing is, whether it stands beside what is expected, and what
 * is odd about it there. What was refused stands for nothing and is flagged for nothing.
 */
export const toldInSession = (item: Item, scan: Scan, decision: Decision, task: SessionTask): Decision => {
  const { said } = decision;
  if (scan.session === undefined || said === undefined) return decision;
  const isTaken = decision.outcome !== "rejected";
  const flags = isTaken ? sessionFlags(scan, decision, task) : [];
  const [code] = flags;
  const countsQuantities = task.session?.expectedByClass != null;
  const isBeside = isTaken && countsQuantities && !standsForQuantity(scan, decision, task);
  const change = said.data as ItemChange;
  const data = {
    ...change,
    class: item.class,
    ...(isBeside ? { beside: true } : {}),
    ...(flags.length === 0 ? {} : { flags: [...change.flags, ...flags] }),
    ...(code === undefined || change.code !== undefined ? {} : { code }),
  };
  return {
    ...decision,
    flags: [...decision.flags, ...flags],
    said: { ...said, data },
    ...(code === undefined || decision.code !== undefined ? {} : { code }),
  };
};
