/** No frame for this long and the figures are called stale. The server ticks every 10 s. */
export const staleAfterMs = 15_000;
/** No frame for this long and the socket is given up: a cut cable closes nothing by itself. */
export const deadAfterMs = 25_000;

export type LinkPhase = "connecting" | "open" | "reconnecting" | "signed_out";

/** The state of the socket. `heardAtMs` is when the last frame of any kind came, on this machine's clock. */
export type Link = {
  readonly phase: LinkPhase;
  readonly heardAtMs: number;
  readonly retryAtMs: number | undefined;
  readonly attempt: number;
  /** Server clock minus this clock, from the last tick (roughly, before the first), in ms. */
  readonly clockOffsetMs: number;
};

export type Freshness = {
  /** `held`: a person asked the page to stand still. */
  readonly state: "waiting" | "live" | "stale" | "reconnecting" | "held";
  /** How long ago the figures were last known to be current, in ms. */
  readonly ageMs: number;
};

/** Must the figures not be read as present? */
export const isDoubtful = ({ state }: Freshness): boolean =>
  state === "stale" || state === "reconnecting" || state === "held";

/** What a view knows of itself: `provenAtMs` is when a frame last proved that nothing was missing. */
export type Proof = {
  readonly whole: boolean;
  readonly following: boolean;
  readonly provenAtMs: number;
  /** Since when the record is known to be ahead of the view; undefined while it is not. */
  readonly behindSinceMs: number | undefined;
};

/** May these figures be shown as present? Old numbers must never look like new ones. */
export const freshness = (link: Link, proof: Proof, nowMs: number): Freshness => {
  if (!proof.whole) return { state: link.phase === "reconnecting" ? "reconnecting" : "waiting", ageMs: 0 };
  const heardAtMs = proof.following && link.phase === "open" ? link.heardAtMs : proof.provenAtMs;
  const provenAtMs = Math.min(heardAtMs, proof.behindSinceMs ?? heardAtMs);
  const ageMs = Math.max(0, nowMs - provenAtMs);
  if (link.phase !== "open") return { state: "reconnecting", ageMs };
  const stale = ageMs > staleAfterMs || proof.behindSinceMs !== undefined;
  return { state: stale ? "stale" : "live", ageMs };
};

/** What became of readings over HTTP: when one last succeeded and whether the newest failed. */
export type Reading = { readonly readAtMs: number | undefined; readonly failed: boolean };

/**
 * May what was read be shown as present? While its readings succeed it is as present as the view that says when to read again;
 * after one that failed it is as old as the last that did not, however well the view is.
 */
export const readingFreshness = (
  view: Freshness,
  { readAtMs, failed }: Reading,
  nowMs: number,
): Freshness => {
  if (readAtMs === undefined) return view.state === "live" ? { state: "waiting", ageMs: 0 } : view;
  if (!failed || view.state === "reconnecting") return view;
  return { state: "stale", ageMs: Math.max(view.ageMs, nowMs - readAtMs) };
};
