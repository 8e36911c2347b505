import type { Scan } from "@tagwire/messages";

/** What can be done about an odd scan with one press. Each is a command of the record, but for `keep`, which leaves it as it is. */
export type LaneAct =
  /** It is right as the record has it: the lane lets it go. */
  | { readonly how: "keep" }
  /** What the scan did is undone. */
  | { readonly how: "take_back"; readonly pos: number }
  /** Another scan of the same thing, which differs in this. */
  | { readonly how: "scan"; readonly as: ScanAs; readonly differs: Partial<Scan> }
  /** A thing whose life was over is ready again; refused when somebody has changed it since. */
  | { readonly how: "ready"; readonly version: number }
  /** The tag is put on a thing of this class; what waits for it is applied. */
  | { readonly how: "stock"; readonly class: string }
  /** The tag is nobody's here: what waits for it is never decided. */
  | { readonly how: "let_go" };

export type ScanAs = "return" | "force" | "contract" | "again";

/**
 * What somebody did about an odd scan, as it is stored with it.
 *
 *   open ──press──► chosen ──the record takes it──► done ──undo──► undoing ──the record takes it──► open
 *                   chosen ──the record says no──► open, and why
 *                   chosen ──undo, not sent yet──► open        undoing ──the record says no──► done, and why
 *
 * `id` makes each repeat the same command; of a scan it is the scan's own.
 */
export type LaneWork = {
  readonly act: LaneAct;
  readonly state: "chosen" | "done" | "undoing" | "open";
  readonly id: string;
  readonly by: string;
  readonly atMs: number;
  /** The position at which the record has what was done: what an undo takes back. */
  readonly pos?: number;
  /** What the record said against it. */
  readonly wrong?: string;
};
