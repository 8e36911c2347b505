import type { Receipt, UndoneEvent } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** What is taken back: one event, what the scans of a session did, or of several events whatever can be. */
export type Undoing =
  | { readonly pos: number }
  | { readonly session: string }
  | { readonly events: readonly number[] };

export type Undone = {
  readonly undone: readonly UndoneEvent[];
  /** How many more there are than an answer can name. */
  readonly more: number;
  readonly receipt: Receipt;
};

const pathOf = (site: string, what: Undoing): string => {
  const sitePath = `/sites/${encodeURIComponent(site)}`;
  if ("events" in what) return `${sitePath}/events:undo?partial=true`;
  return "pos" in what ? `${sitePath}/events/${what.pos}:undo` : `${sitePath}/sessions/${what.session}:undo`;
};

const bodyOf = (what: Undoing, reason: string) => ({
  ...("events" in what ? { events: what.events } : {}),
  ...(reason === "" ? {} : { reason }),
});

/** A session may have thousands of scans. */
const undoTimeoutMs = 30_000;

/** Says what would be taken back, and changes nothing. */
export const previewUndo = (site: string, what: Undoing, signal: AbortSignal): Promise<Answer<Undone>> =>
  call(`${pathOf(site, what)}${"events" in what ? "&" : "?"}preview=true`, {
    ...{ method: "POST", body: bodyOf(what, ""), signal, timeoutMs: undoTimeoutMs },
  });

/** Takes it back; `id` makes a repeat the same undoing. */
export const undo = (
  site: string,
  what: Undoing,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<Answer<Undone>> =>
  call(pathOf(site, what), {
    ...{ method: "POST", idempotencyKey: id, timeoutMs: undoTimeoutMs },
    body: bodyOf(what, reason),
  });
