import type {
  ackAgoMsMax as declaredAgoMsMax,
  LiveChange,
  LiveFrame,
  LiveRequest,
  LiveRow,
  LiveView,
  liveProtocol,
} from "@tagwire/messages";

export type { LiveChange, LiveFrame, LiveRequest, LiveRow, LiveView };
export type SnapFrame = Extract<LiveFrame, { op: "snap" }>;
export type DeltaFrame = Extract<LiveFrame, { op: "delta" }>;
export type ResetFrame = Extract<LiveFrame, { op: "reset" }>;
export type TickFrame = Extract<LiveFrame, { op: "tick" }>;
export type FoundFrame = Extract<LiveFrame, { op: "found" }>;
export type ErrorFrame = Extract<LiveFrame, { op: "error" }>;
export type LiveFilter = NonNullable<Extract<LiveRequest, { op: "sub" }>["filter"]>;

/** Which view of which site is wanted. */
export type Watched = { readonly site: string; readonly view: LiveView; readonly filter?: LiveFilter };

/** The WebSocket subprotocol. Its type is the one the messages declare, so a new version cannot be forgotten here. */
export const subprotocol: typeof liveProtocol = "tagwire.live.v1";

/** The longest ago that may be said of what was shown, in ms; it is the one that the messages declare. */
export const ackAgoMsMax: typeof declaredAgoMsMax = 600_000;

const operations = new Set(["snap", "delta", "tick", "reset", "error", "found"]);

/** Reads one message of the socket; undefined when it is none of the protocol's frames (a newer server may say more). */
export const readFrame = (text: unknown): LiveFrame | undefined => {
  if (typeof text !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== "object" || frame === null || !("op" in frame)) return undefined;
    return operations.has(String(frame.op)) ? (frame as LiveFrame) : undefined;
  } catch {
    return undefined;
  }
};
