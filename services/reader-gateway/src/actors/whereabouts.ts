/**
 * Where each tag of a site is, over all of its readers: antennas overlap, and a tag at one gate is heard at the next one too.
 *
 *   unknown ──read──► here                                   (it came)
 *   here ──read at another place──► here, heard elsewhere    (evidence, no move)
 *   here ──the other place is clearly the nearer──► there    (it came there)
 *   here ──not read for the depart timeout──► unknown
 *
 * What is clearly nearer follows the rule of EdgeX's RFID inventory: the mean of the last signal strengths there is above that of the
 * place where the tag is by a threshold. After a hold-off the threshold shrinks with every moment in which the tag was not read where
 * it is, so a tag that went away is believed at once, and one between two antennas stays where it is.
 */
export type Whereabouts = {
  readonly tagsMax: number;
  /** In the order of their last read, the oldest first. */
  readonly tracks: Map<string, Track>;
};

export type MoveRule = {
  readonly departMs: number;
  /** How much stronger another place has to be, in dB, while the tag is read where it is. */
  readonly moveThresholdDb: number;
  /** How long a tag may go unread where it is before less will do, in ms. */
  readonly moveHoldOffMs: number;
};

type Spot = { readonly strengthsDbm: number[]; reads: number; lastReadMs: number };
type Track = { here: string; readonly spots: Map<string, Spot> };

/** By how much the threshold shrinks for each ms of silence, in dB. */
const shrinkDbPerMs = 0.008;
/** Signal strengths that the mean is of. */
const strengthsMax = 20;
/** One read may be a reflection: so many are wanted of another place, unless the tag has not been read where it is for a while. */
const movingReadsMin = 2;
const silenceMs = 5_000;
/** Places where one tag is heard at a time; the one that was silent longest is forgotten first. */
const spotsMax = 8;
/** What a reader that tells no signal strength is taken to have heard. */
const assumedDbm = -60;

export const newWhereabouts = (tagsMax: number): Whereabouts => ({ tagsMax, tracks: new Map() });

const meanOf = ({ strengthsDbm }: Spot): number =>
  strengthsDbm.reduce((sum, strength) => sum + strength, 0) / strengthsDbm.length;

const forget = (spot: Spot): void => {
  spot.strengthsDbm.length = 0;
  spot.reads = 0;
};

const spotOf = ({ spots }: Track, place: string): Spot => {
  const known = spots.get(place) ?? { strengthsDbm: [], reads: 0, lastReadMs: 0 };
  spots.delete(place);
  spots.set(place, known);
  if (spots.size > spotsMax) {
    const [silent] = spots.keys();
    if (silent !== undefined) spots.delete(silent);
  }
  return known;
};

const trackOf = ({ tracks, tagsMax }: Whereabouts, tag: string, place: string): Track => {
  const known = tracks.get(tag) ?? { here: place, spots: new Map() };
  tracks.delete(tag);
  tracks.set(tag, known);
  if (tracks.size > tagsMax) {
    const [oldest] = tracks.keys();
    if (oldest !== undefined) tracks.delete(oldest);
  }
  return known;
};

const isNearer = (spot: Spot, than: Spot, nowMs: number, rule: MoveRule): boolean => {
  const silentMs = nowMs - than.lastReadMs;
  if (spot.reads < movingReadsMin && silentMs < silenceMs) return false;
  const shrunkDb = Math.max(0, silentMs - rule.moveHoldOffMs) * shrinkDbPerMs;
  return meanOf(spot) > meanOf(than) + rule.moveThresholdDb - shrunkDb;
};

export type Heard = {
  readonly tag: string;
  readonly place: string;
  readonly rssiDbm: number | null;
  readonly count: number;
  readonly nowMs: number;
};

/** What a read says of where its tag is: it came there just now, it is there still, or it is elsewhere and was only heard. */
export const hearAt = (
  whereabouts: Whereabouts,
  { tag, place, rssiDbm, count, nowMs }: Heard,
  rule: MoveRule,
): "came" | "here" | "elsewhere" => {
  const isNew = !whereabouts.tracks.has(tag);
  const track = trackOf(whereabouts, tag, place);
  const spot = spotOf(track, place);
  // Stale strengths say nothing of a tag that was away meanwhile.
  if (nowMs - spot.lastReadMs >= rule.departMs) forget(spot);
  spot.strengthsDbm.push(rssiDbm ?? assumedDbm);
  if (spot.strengthsDbm.length > strengthsMax) spot.strengthsDbm.shift();
  const wasHere = track.spots.get(track.here);
  const isGone = wasHere === undefined || (wasHere !== spot && nowMs - wasHere.lastReadMs >= rule.departMs);
  const isBack = wasHere === spot && spot.reads === 0;
  spot.reads += count;
  spot.lastReadMs = nowMs;
  if (isNew || isGone || isBack || (wasHere !== spot && isNearer(spot, wasHere, nowMs, rule))) {
    track.here = place;
    // From here on it has to be clearly nearer somewhere else again.
    for (const other of track.spots.values()) if (other !== spot) forget(other);
    return "came";
  }
  return wasHere === spot ? "here" : "elsewhere";
};

/** It is known otherwise where a tag is: what was heard of it elsewhere says nothing any more. */
export const putAt = (whereabouts: Whereabouts, tag: string, place: string, nowMs: number): void => {
  const track = trackOf(whereabouts, tag, place);
  for (const spot of track.spots.values()) forget(spot);
  const spot = spotOf(track, place);
  track.here = place;
  spot.strengthsDbm.push(assumedDbm);
  spot.reads = 1;
  spot.lastReadMs = nowMs;
};

/** Nobody reads these places any more: what was there is nowhere, and is news wherever it is read next. */
export const forgetPlaces = ({ tracks }: Whereabouts, places: ReadonlySet<string>): void => {
  for (const [tag, { here }] of tracks) if (places.has(here)) tracks.delete(tag);
};

/** Whether a tag is at a place as far as anybody knows: nobody has heard of it, or it is there. */
export const isAt = ({ tracks }: Whereabouts, tag: string, place: string): boolean => {
  const track = tracks.get(tag);
  return track === undefined || track.here === place;
};
