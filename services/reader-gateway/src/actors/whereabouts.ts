import { heardAgoMsMax } from "./heard-at.ts";
import { type Lateness, latenessOf, newLateness } from "./lateness.ts";
import { deafMsMax, type Listeners, longestDepartMs, wasDeafMs } from "./listeners.ts";

/**
 * Where each tag of a site is, over all of its readers: antennas overlap, and a tag at one gate is heard at the next one too.
 *
 *   unknown ──read──► here                                   (it came)
 *   here ──read at another place──► here, heard elsewhere    (evidence, no move)
 *   here ──the other place is clearly the nearer──► there    (it came there)
 *   here ──not read for the depart timeout──► unknown
 *
 * What is clearly nearer follows the rule of EdgeX's RFID inventory: on two reads at least, the mean of the last signal strengths there is
 * above that of the place where the tag is by a threshold. After a hold-off the threshold shrinks with every moment in which the tag was not
 * read where it is, so a tag that went away is believed soon, and one between two antennas stays where it is. Less than the threshold will do
 * for reads alone that came in that silence: a reflection that was heard before it proves nothing.
 */
export type Whereabouts = {
  /** So many tags for each of its readers. */
  readonly tagsMaxEach: number;
  readonly listeners: Listeners;
  /** In the order of their last read, the oldest first. */
  readonly tracks: Map<string, Track>;
  /** By how much the clock of whoever spoke for the site before is ahead of ours at least, in ms: what is said from now on is said later. */
  aheadMs: number;
};

export type MoveRule = {
  readonly departMs: number;
  /** How much stronger another place has to be, in dB, while the tag is read where it is. */
  readonly moveThresholdDb: number;
  /** How long a tag may go unread where it is before less will do, in ms. */
  readonly moveHoldOffMs: number;
};

type Strength = { readonly dbm: number; readonly count: number; readonly heardMs: number };
type Spot = {
  /** In the order in which they were heard. */
  readonly strengths: Strength[];
  reads: number;
  lastHeardMs: number;
  /** How late the reader says what it hears that heard the tag there last. */
  lateness: Lateness;
};
type Track = { here: string; sinceMs: number; readonly spots: Map<string, Spot> };

/** By how much the threshold shrinks for each ms of silence, in dB. */
const shrinkDbPerMs = 0.008;
/** Signal strengths that the mean is of. */
const strengthsMax = 20;
/** One read may be a reflection: so many are wanted of another place, however long the tag was silent, until it has departed. */
const movingReadsMin = 2;
/** Places where one tag is heard at a time; the one that was silent longest is forgotten first. */
const spotsMax = 8;
/** What a reader that tells no signal strength is taken to have heard. */
const assumedDbm = -60;

export const newWhereabouts = (tagsMaxEach: number): Whereabouts => ({
  tagsMaxEach,
  listeners: new Map(),
  tracks: new Map(),
  aheadMs: 0,
});

/** Of whoever says at once what it hears. */
const neverLate = newLateness();

const meanOf = ({ strengths }: Spot): number =>
  strengths.reduce((sum, { dbm }) => sum + dbm, 0) / strengths.length;

const forget = (spot: Spot): void => {
  spot.strengths.length = 0;
  spot.reads = 0;
};

const addStrength = ({ strengths }: Spot, strength: Strength): void => {
  const later = strengths.findLastIndex(({ heardMs }) => heardMs <= strength.heardMs);
  strengths.splice(later + 1, 0, strength);
  if (strengths.length > strengthsMax) strengths.shift();
};

const spotOf = ({ spots }: Track, place: string): Spot => {
  const known = spots.get(place) ?? {
    strengths: [],
    reads: 0,
    lastHeardMs: Number.NEGATIVE_INFINITY,
    lateness: neverLate,
  };
  spots.delete(place);
  spots.set(place, known);
  if (spots.size > spotsMax) {
    const [silent] = spots.keys();
    if (silent !== undefined) spots.delete(silent);
  }
  return known;
};

const trackOf = (
  { tracks, tagsMaxEach, listeners }: Whereabouts,
  { tag, place, heardMs }: Pick<Heard, "tag" | "place" | "heardMs">,
): Track => {
  const known = tracks.get(tag) ?? { here: place, sinceMs: heardMs, spots: new Map() };
  tracks.delete(tag);
  tracks.set(tag, known);
  if (tracks.size > tagsMaxEach * Math.max(1, listeners.size)) {
    const [oldest] = tracks.keys();
    if (oldest !== undefined) tracks.delete(oldest);
  }
  return known;
};

/**
 * For how long it is certain, at the instant of a read elsewhere, that a tag was not heard where it is: a reader says in order what it hears,
 * and one that is away hears nothing.
 */
const silentMsAt = (
  { listeners }: Whereabouts,
  { here, spot: { lastHeardMs, lateness } }: { readonly here: string; readonly spot: Spot },
  { heardMs, nowMs, lateness: ofRead }: Pick<Heard, "heardMs" | "nowMs" | "lateness">,
): number => {
  if (lastHeardMs === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const untilMs = lateness === ofRead ? heardMs : Math.min(heardMs, nowMs - latenessOf(lateness));
  const deafMs = wasDeafMs(listeners, { who: lateness, place: here }, { fromMs: lastHeardMs, untilMs });
  return untilMs - lastHeardMs - deafMs;
};

const readsSince = ({ strengths }: Spot, sinceMs: number): number =>
  strengths.reduce((sum, { heardMs, count }) => (heardMs > sinceMs ? sum + count : sum), 0);

const isNearer = (spot: Spot, than: Spot, silentMs: number, rule: MoveRule): boolean => {
  if (spot.reads < movingReadsMin) return false;
  const isBorneOut = readsSince(spot, than.lastHeardMs) >= movingReadsMin;
  const shrunkDb = isBorneOut ? Math.max(0, silentMs - rule.moveHoldOffMs) * shrinkDbPerMs : 0;
  return meanOf(spot) > meanOf(than) + rule.moveThresholdDb - shrunkDb;
};

/** `heardMs` is when the reader heard it, `nowMs` when it said so, which may be long after. */
export type Heard = {
  readonly tag: string;
  readonly place: string;
  readonly rssiDbm: number | null;
  readonly count: number;
  readonly heardMs: number;
  readonly nowMs: number;
  /** How late the reader says what it hears; without it, at once. */
  readonly lateness?: Lateness;
};

/** What a read says of where its tag is: it came there just now, it is there still, or it is elsewhere and was only heard. */
export const hearAt = (
  whereabouts: Whereabouts,
  heard: Heard,
  rule: MoveRule,
): "came" | "here" | "elsewhere" => {
  const { tag, place, rssiDbm, count, heardMs, lateness = neverLate } = heard;
  const isNew = !whereabouts.tracks.has(tag);
  const track = trackOf(whereabouts, heard);
  const isPast = heardMs < track.sinceMs;
  if (isPast && place !== track.here) return "elsewhere";
  const spot = spotOf(track, place);
  // Stale strengths say nothing of a tag that was away meanwhile.
  if (heardMs - spot.lastHeardMs >= rule.departMs) forget(spot);
  addStrength(spot, { dbm: rssiDbm ?? assumedDbm, count, heardMs });
  const wasHere = track.spots.get(track.here);
  const silentMs =
    wasHere === undefined || wasHere === spot
      ? Number.NEGATIVE_INFINITY
      : silentMsAt(whereabouts, { here: track.here, spot: wasHere }, heard);
  const isGone = wasHere === undefined || silentMs >= rule.departMs;
  const isBack = wasHere === spot && spot.reads === 0;
  spot.reads += count;
  spot.lastHeardMs = Math.max(spot.lastHeardMs, heardMs);
  spot.lateness = lateness;
  if (isNew || isGone || isBack || (wasHere !== spot && isNearer(spot, wasHere, silentMs, rule))) {
    track.here = place;
    track.sinceMs = heardMs;
    // From here on it has to be clearly nearer somewhere else again.
    for (const other of track.spots.values()) if (other !== spot) forget(other);
    return "came";
  }
  return wasHere === spot ? "here" : "elsewhere";
};

/** It is known otherwise where a tag is since `heardMs`: what was heard of it elsewhere says nothing any more. */
export const putAt = (
  whereabouts: Whereabouts,
  { tag, place, heardMs, lateness = neverLate }: Pick<Heard, "tag" | "place" | "heardMs" | "lateness">,
): void => {
  const track = trackOf(whereabouts, { tag, place, heardMs });
  for (const spot of track.spots.values()) forget(spot);
  const spot = spotOf(track, place);
  track.here = place;
  track.sinceMs = heardMs;
  addStrength(spot, { dbm: assumedDbm, count: 1, heardMs });
  spot.reads = 1;
  spot.lastHeardMs = heardMs;
  spot.lateness = lateness;
};

/** Nobody reads these places any more: what was there is nowhere, and is news wherever it is read next. */
export const forgetPlaces = ({ tracks }: Whereabouts, places: ReadonlySet<string>): void => {
  if (places.size === 0) return;
  for (const [tag, { here }] of tracks) if (places.has(here)) tracks.delete(tag);
};

const lastHeardMsOf = ({ spots }: Track): number =>
  Math.max(...[...spots.values()].map(({ lastHeardMs }) => lastHeardMs));

/**
 * Forgets the tags that were silent for so long that they would be news wherever they are heard, also by a reader that was lost meanwhile or
 * says late what it heard: nothing that is heard means anything else for it.
 */
export const forgetSilent = ({ tracks, listeners }: Whereabouts, nowMs: number): void => {
  const silentMsMax = longestDepartMs(listeners) + deafMsMax + heardAgoMsMax;
  for (const [tag, track] of tracks) {
    // They are in the order of their last read: those behind were said later.
    if (nowMs - lastHeardMsOf(track) < silentMsMax) return;
    tracks.delete(tag);
  }
};

/** Where a tag is, since when, and how strongly it is heard there. */
export type Whereabout = {
  readonly place: string;
  readonly meanDbm: number;
  readonly sinceMs: number;
};

/** Where a tag is; undefined when nobody knows. */
export const whereIs = ({ tracks }: Whereabouts, tag: string): Whereabout | undefined => {
  const track = tracks.get(tag);
  const spot = track?.spots.get(track.here);
  if (track === undefined || spot === undefined) return undefined;
  return { place: track.here, meanDbm: meanOf(spot), sinceMs: track.sinceMs };
};

/**
 * Goes on with where a tag was when another process spoke for the site. It counts as heard there just now, and well enough: nobody
 * listened meanwhile, so its silence says nothing. Where it is heard by then already, that stands.
 */
export const goOnAt = (
  { tracks }: Whereabouts,
  { tag, place, meanDbm, sinceMs }: Whereabout & { readonly tag: string },
  { nowMs, lateness }: { readonly nowMs: number; readonly lateness: Lateness },
): void => {
  if (tracks.has(tag)) return;
  const spot: Spot = {
    strengths: [{ dbm: meanDbm, count: movingReadsMin, heardMs: nowMs }],
    reads: movingReadsMin,
    lastHeardMs: nowMs,
    lateness,
  };
  tracks.set(tag, { here: place, sinceMs, spots: new Map([[place, spot]]) });
};

/** Whether a tag is at a place as far as anybody knows: nobody has heard of it, or it is there. */
export const isAt = ({ tracks }: Whereabouts, tag: string, place: string): boolean => {
  const track = tracks.get(tag);
  return track === undefined || track.here === place;
};
