import {
  type FaultCode,
  faultCatalogue,
  isLiveView,
  LiveAcknowledge,
  type LiveFilter,
  LiveFind,
  type LiveRequest,
  LiveSubscribe,
  LiveUnsubscribe,
  liveViews,
  type Position,
  parsePosition,
} from "@tagwire/messages";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { schemaErrors } from "../edge/schema-errors.ts";
import { pointedErrors } from "../edge/validation.ts";
import { readFilter } from "./filter.ts";
import type { Wanted } from "./following.ts";

/** Where a client says it is; without an epoch it is about whatever the epoch of the subscription is. */
export type Acknowledged = {
  readonly epoch: number | undefined;
  readonly pos: number;
  /** How long ago it showed that position, in ms, where it says so. */
  readonly agoMs?: number;
};

/** What a client wants. */
export type Request =
  | { readonly op: "sub"; readonly wanted: Wanted }
  | { readonly op: "find"; readonly id: string; readonly site: string; readonly tags: readonly string[] }
  | { readonly op: "unsub"; readonly id: string }
  | { readonly op: "ack"; readonly id: string | undefined; readonly at: Acknowledged };

/** Why a frame is no request. `id` and `op` are there when they could be made out, so that the client knows what is answered. */
export type Misunderstood = {
  readonly op: string | undefined;
  readonly id: string | undefined;
  readonly code: FaultCode;
  readonly message: string;
  readonly pointer: string | undefined;
};

export type RequestRead = { readonly request: Request } | { readonly misunderstood: Misunderstood };

type Frame = Readonly<Record<string, unknown>>;

const checkOf = (schema: TSchema) => ({ schema, check: Compile(schema) });
const subscribes = Object.fromEntries(liveViews.map((view) => [view, checkOf(LiveSubscribe[view])]));
const find = checkOf(LiveFind);
const unsubscribe = checkOf(LiveUnsubscribe);
const acknowledge = checkOf(LiveAcknowledge);

const stringOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Reads what a client says, as far as it can be read. */
export const readRequest = (text: string): RequestRead => {
  const frame = readFrame(text);
  if (frame === undefined) return no({}, "malformed", "not a JSON object");
  const { op, view } = frame;
  if (op === "ack") return checked(acknowledge, frame);
  if (op === "unsub") return checked(unsubscribe, frame);
  if (op === "find") return checked(find, frame);
  if (op !== "sub") return no(frame, "malformed", "must be sub, find, unsub or ack", "/op");
  if (typeof view !== "string")
    return no(frame, "malformed", `must be one of ${liveViews.join(", ")}`, "/view");
  if (!isLiveView(view)) return no(frame, "view_unknown", faultCatalogue.view_unknown.advice, "/view");
  return checked(subscribes[view], frame);
};

const readFrame = (text: string): Frame | undefined => {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === "object" && frame !== null && !Array.isArray(frame)
      ? (frame as Frame)
      : undefined;
  } catch {
    return undefined;
  }
};

const no = (frame: Frame, code: FaultCode, message: string, pointer?: string): RequestRead => {
  const op = stringOf(frame.op);
  const id = op === undefined ? undefined : stringOf(frame.id);
  return { misunderstood: { op, id, code, message, pointer } };
};

const checked = (request: ReturnType<typeof checkOf> | undefined, frame: Frame): RequestRead => {
  if (request?.check.Check(frame) === true) return understood(frame as LiveRequest, frame);
  const errors = request === undefined ? [] : schemaErrors(request.schema, frame);
  const [first] = pointedErrors(errors, undefined);
  return no(frame, "malformed", first?.message ?? "is not as the schema says", first?.pointer);
};

const understood = (asked: LiveRequest, frame: Frame): RequestRead => {
  if (asked.op === "unsub" || asked.op === "find") return { request: asked };
  if (asked.op === "ack") {
    const at = { ...acknowledgedOf(asked.pos), ...(asked.agoMs === undefined ? {} : { agoMs: asked.agoMs }) };
    return { request: { op: "ack", id: asked.id, at } };
  }
  const { id, site, view, from, generation } = asked;
  const read = readFilter(view, asked.filter ?? ({} satisfies LiveFilter));
  if ("wrong" in read) return no(frame, "malformed", read.wrong.message, `/filter/${read.wrong.member}`);
  const { filter } = read;
  const wanted = { id, site, view, filter, from: positionOf(from), generation };
  return { request: { op: "sub", wanted } };
};

const acknowledgedOf = (pos: number | string): Acknowledged =>
  typeof pos === "number" ? { epoch: undefined, pos } : (parsePosition(pos) ?? { epoch: undefined, pos: 0 });

const positionOf = (text: string | undefined): Position | undefined =>
  text === undefined ? undefined : parsePosition(text);
