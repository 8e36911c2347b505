import type { LiveView, Position, ResetReason } from "@tagwire/messages";
import type { Build, Channel } from "./channel.ts";
import type { Connection } from "./connection.ts";
import type { Delta } from "./delta.ts";
import type { Filter } from "./filter.ts";
import type { Hub } from "./hub.ts";

/** What a client asked for. */
export type Wanted = {
  readonly id: string;
  readonly site: string;
  readonly view: LiveView;
  readonly filter: Filter;
  readonly from: Position | undefined;
  /** The generation of the rows held at `from`, where the client knows it. */
  readonly generation: string | undefined;
};

/** What the parts of a subscription share. */
export type Following = {
  readonly wanted: Wanted;
  readonly hub: Hub;
  readonly channel: Channel;
  readonly connection: Connection;
  /** Aborts when the subscription ends. */
  readonly signal: AbortSignal;
  /** The position up to which the client has everything, or will have with what is held back for it alone. */
  readonly covered: () => number;
  readonly epoch: () => number;
  /** Sends one part of a snapshot. */
  readonly part: (part: { rows: string; part: number; last: boolean }, at: Build & Position) => void;
  /** The client holds a whole snapshot as of this position. */
  readonly settle: (at: Position) => void;
  /** Passes on what was missed, before going live. */
  readonly pass: (delta: Delta) => void;
  /** Whether deltas are passed on as they are heard. */
  readonly setLive: (live: boolean) => void;
  /** Forgets what waits for room: a snapshot will hold it. */
  readonly dropHeld: () => void;
  readonly reset: (reason: Exclude<ResetReason, "auth">) => void;
  readonly refuse: (code: string, message: string) => void;
};
