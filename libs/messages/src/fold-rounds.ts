import {
  ContractClosed,
  ContractFinalized,
  type ContractMove,
  ContractReactivated,
  ContractReopened,
  ContractReturned,
  LotRecorded,
} from "./contract-events.ts";
import type { LoggedEvent } from "./events.ts";
import { movesOf } from "./fold-contracts.ts";
import { ItemRetagged } from "./item-events.ts";
import type { By } from "./items.ts";
import {
  type LaundryRound,
  type RoundClass,
  type RoundCounts,
  type RoundItem,
  type RoundLot,
  type RoundLotCounts,
  type RoundState,
  roundMissingTagsMax,
} from "./laundry-rounds.ts";

/** What the rounds of a contract are folded from. `class` is that of the item now, for scans that do not say it. */
export type RoundEvent = Pick<
  LoggedEvent,
  "epoch" | "type" | "pos" | "tag" | "contract" | "scannedAt" | "receivedAt" | "by" | "data"
> & { readonly class?: string };

/** A time that an item went out, and how it ended. */
type Trip = {
  readonly round: number;
  readonly sentAt: string;
  readonly class: string;
  readonly end: { readonly how: "returned" | "not_recorded"; readonly at: string } | undefined;
};
/** What came back in a round without a trip that it ended. */
type Stranger = { readonly class: string; readonly at: string };

type Signed = { readonly at: string; readonly by: By };
type RoundLife = {
  readonly began: { readonly at: string; readonly by: By | null };
  state: RoundState;
  finalized?: Signed;
  returned?: Signed;
  ended?: Signed;
  readonly lots: Map<string, { sent: number; back: number }>;
};

export type Rounds = {
  /** The oldest first. */
  readonly rounds: readonly LaundryRound[];
  /** By tag, then by finding. */
  readonly items: (round: number) => readonly RoundItem[];
};

const placeOf = (epoch: number, pos: number): string => `${epoch}:${pos}`;

/** The events that still count: neither taken back nor taking back. */
const effective = (events: readonly RoundEvent[]): RoundEvent[] => {
  const gone = new Set<string>();
  for (const { epoch, pos, data } of events.toReversed()) {
    const { undoes } = data as { readonly undoes?: number };
    const place = placeOf(epoch, pos);
    if (undoes === undefined || gone.has(place)) continue;
    gone.add(place);
    gone.add(placeOf(epoch, undoes));
  }
  return events.filter(({ epoch, pos }) => !gone.has(placeOf(epoch, pos)));
};

/** What a person did with the contract as a whole, on the round that was the last one then. */
const takeState = (rounds: RoundLife[], { type, receivedAt: at, by }: RoundEvent): void => {
  const last = rounds.at(-1);
  if (last === undefined) return;
  const signed = { at, by };
  const begin = () => void rounds.push({ began: signed, state: "open", lots: new Map() });
  switch (type) {
    case ContractFinalized.type:
      Object.assign(last, { state: "finalized", finalized: signed });
      return;
    case ContractReturned.type:
      Object.assign(last, { state: "returned", returned: signed });
      return;
    case ContractClosed.type:
      Object.assign(last, { state: "closed", ended: signed });
      return;
    case ContractReopened.type:
      // A round that came back is over: what is counted from now on goes to the cleaner anew.
      if (last.returned !== undefined) return begin();
      last.state = "open";
      delete last.ended;
      return;
    case ContractReactivated.type:
      last.ended = signed;
      begin();
  }
};

/**
 * Counts a lot. Until a round is finalized what comes off corrects its count, and what comes off beyond that was sent in an earlier
 * round; afterwards it has come back. Goods that are put on later correct what came back, or, where nothing has, were sent as well.
 */
const takeLot = (round: RoundLife, { name, quantity, action }: LotRecorded): void => {
  const { sent, back } = round.lots.get(name) ?? { sent: 0, back: 0 };
  const isBefore = round.finalized === undefined;
  const corrected = action === "removed" ? (isBefore ? Math.min(quantity, sent) : 0) : 0;
  const takenBack = action === "added" && !isBefore ? Math.min(quantity, back) : 0;
  round.lots.set(
    name,
    action === "removed"
      ? { sent: sent - corrected, back: back + quantity - corrected }
      : { sent: sent + quantity - takenBack, back: back - takenBack },
  );
};

const isBackScan = ({ data }: RoundEvent): boolean => {
  const { scan, outcome } = data as { readonly scan?: { readonly type?: string }; readonly outcome?: string };
  return (scan?.type === "return" || scan?.type === "pickup") && outcome !== "rejected";
};

const isEnd = (left: Trip["end"], right: NonNullable<Trip["end"]>): boolean =>
  left !== undefined && left.how === right.how && Date.parse(left.at) === Date.parse(right.at);

/** The trips of each tag on a contract, and what came back without one. */
const openJourney = (roundAt: (at: string) => number) => {
  const trips = new Map<string, Trip[]>();
  const strangers = new Map<string, Map<number, Stranger>>();
  const tripsOf = (tag: string): Trip[] => trips.get(tag) ?? [];
  const put = (tag: string, trip: Trip) => {
    const own = tripsOf(tag);
    trips.set(tag, own);
    const at = own.findLastIndex(({ round }) => round <= trip.round);
    own.splice(own[at]?.round === trip.round ? at : at + 1, own[at]?.round === trip.round ? 1 : 0, trip);
  };

  const drop = (tag: string, trip: Trip) => {
    const own = tripsOf(tag);
    own.splice(own.indexOf(trip), 1);
  };

  const goOut = (tag: string, { class: name, at }: ContractMove) => {
    const open = tripsOf(tag).find((trip) => trip.end === undefined);
    // It is out already: by another scan, or under the tag that it carried before.
    if (open !== undefined && Date.parse(open.sentAt) <= Date.parse(at)) return;
    // Or it was out before that other scan, and this one tells it too late.
    if (open !== undefined) drop(tag, open);
    const round = roundAt(at);
    const before = tripsOf(tag).find((trip) => trip.round === round);
    put(tag, { round, class: name, sentAt: before?.sentAt ?? at, end: undefined });
  };
  const end = (tag: string, { class: name, at, to }: ContractMove) => {
    const how = to === "returned" ? "returned" : "not_recorded";
    const owed = tripsOf(tag).findLast(
      (trip) => trip.end === undefined || (how === "returned" && trip.end.how === "not_recorded"),
    );
    const round = roundAt(at);
    if (owed === undefined && tripsOf(tag).some((trip) => trip.round === round)) return;
    // Events of before they said when it went out tell a scan that came too late so.
    put(tag, { ...(owed ?? { round, class: name, sentAt: at }), end: { how, at } });
  };
  /** A scan that says too late that it went out says when that was, and what ended it: it is a trip of its own, or puts right one that is known. */
  const wentOut = (tag: string, sentAt: string, { class: name, at, to }: ContractMove) => {
    const round = roundAt(sentAt);
    const known = tripsOf(tag).find((trip) => trip.round === round);
    const end = { how: to === "returned" ? "returned" : "not_recorded", at } as const;
    // What ended so and was thought to have begun in a later round began in this one.
    const same = tripsOf(tag).find((trip) => trip.round > round && isEnd(trip.end, end));
    if (same !== undefined) drop(tag, same);
    if (known === undefined) put(tag, { round, class: name, sentAt, end });
    else {
      const isBefore = Date.parse(at) < Date.parse(known.sentAt);
      const isFirst = Date.parse(sentAt) < Date.parse(known.sentAt);
      put(tag, {
        ...known,
        sentAt: isFirst ? sentAt : known.sentAt,
        end: isBefore || known.end === undefined ? known.end : end,
      });
    }
    // What came back without a trip came back from this one.
    const own = strangers.get(tag);
    if (to === "returned" && own?.get(roundAt(at))?.at === at) own.delete(roundAt(at));
  };

  return {
    trips,
    strangers,
    move: (tag: string, move: ContractMove) => {
      if (move.to === "out") goOut(tag, move);
      else if (move.to !== "returned" && move.to !== "not_recorded") return;
      else if (move.outAt === undefined) end(tag, move);
      else wentOut(tag, move.outAt, move);
    },
    rename: (from: string, to: string) => {
      const own = trips.get(from);
      if (own === undefined) return;
      trips.delete(from);
      trips.set(to, own);
    },
    comeBack: (tag: string, at: string, name: string) => {
      const round = roundAt(at);
      const isKnown = tripsOf(tag).some(
        (trip) => trip.round === round || (trip.end !== undefined && roundAt(trip.end.at) === round),
      );
      if (isKnown) return;
      const own = strangers.get(tag) ?? new Map<number, Stranger>();
      strangers.set(tag, own);
      if (!own.has(round)) own.set(round, { class: name, at });
    },
  };
};

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
const none: RoundCounts = { sent: 0, returned: 0, missing: 0, backLater: 0, notRecorded: 0, surplus: 0 };

const countsOf = (items: readonly RoundItem[]): RoundCounts => {
  const of = (finding: RoundItem["finding"]) => items.filter((item) => item.finding === finding).length;
  const surplus = of("surplus");
  const backLater = of("back_later");
  return {
    sent: items.length - surplus,
    returned: of("returned") + surplus,
    missing: of("missing") + backLater,
    backLater,
    notRecorded: of("not_recorded"),
    surplus,
  };
};

const classesOf = (items: readonly RoundItem[]): RoundClass[] =>
  [...Map.groupBy(items, ({ class: name }) => name)]
    .map(([name, own]) => ({ class: name, ...countsOf(own) }))
    .sort((left, right) => byText(left.class, right.class));

const lotsOf = ({ lots }: RoundLife): RoundLot[] =>
  [...lots]
    .filter(([, { sent, back }]) => sent + back > 0)
    .map(([name, { sent, back }]) => ({
      name,
      ...{ sent, returned: back, missing: Math.max(0, sent - back), surplus: Math.max(0, back - sent) },
    }))
    .sort((left, right) => byText(left.name, right.name));

const sumOf = (lots: readonly RoundLotCounts[]): RoundLotCounts =>
  lots.reduce<RoundLotCounts>(
    (sum, lot) => ({
      sent: sum.sent + lot.sent,
      returned: sum.returned + lot.returned,
      missing: sum.missing + lot.missing,
      surplus: sum.surplus + lot.surplus,
    }),
    none,
  );

const reportOf = (life: RoundLife, round: number, items: readonly RoundItem[]): LaundryRound => {
  const { began, state, finalized, returned, ended } = life;
  const lots = lotsOf(life);
  const missing = items.filter(({ finding }) => finding === "missing" || finding === "back_later");
  const { sent, returned: back, missing: lacking, surplus } = sumOf(lots);
  return {
    ...{ round, state, beganAt: began.at, beganBy: began.by },
    ...{ finalizedAt: finalized?.at ?? null, finalizedBy: finalized?.by ?? null },
    ...{ returnedAt: returned?.at ?? null, returnedBy: returned?.by ?? null },
    ...{ endedAt: ended?.at ?? null, endedBy: ended?.by ?? null },
    items: countsOf(items),
    lots: { sent, returned: back, missing: lacking, surplus },
    classes: classesOf(items),
    lotNames: lots,
    missingTags: missing.slice(0, roundMissingTagsMax),
    missingTagsMore: Math.max(0, missing.length - roundMissingTagsMax),
  };
};

const findingOf = ({ round, end }: Trip, backRound: number | null): RoundItem["finding"] => {
  if (end === undefined) return "missing";
  if (end.how === "not_recorded") return "not_recorded";
  return backRound !== null && backRound > round ? "back_later" : "returned";
};

/** The rounds of a laundry contract, each in the end as its items and lots say. */
const told = (
  lives: readonly RoundLife[],
  { trips, strangers }: Pick<ReturnType<typeof openJourney>, "trips" | "strangers">,
  roundAt: (at: string) => number,
): Rounds => {
  const items = new Map<number, RoundItem[]>(lives.map((_, index) => [index + 1, []]));
  for (const [tag, own] of trips)
    for (const trip of own) {
      const { round, sentAt, class: name, end } = trip;
      // A clock that was set back between the two scans sends nothing home before it left.
      const backRound = end === undefined ? null : Math.max(round, roundAt(end.at));
      const item = {
        ...{ tag, class: name, finding: findingOf(trip, backRound), sentAt, backAt: end?.at ?? null },
        ...{ sentRound: round, backRound },
      };
      items.get(round)?.push(item);
      if (item.finding === "back_later" && backRound !== null)
        items.get(backRound)?.push({ ...item, finding: "surplus" });
    }
  for (const [tag, own] of strangers)
    for (const [round, { class: name, at }] of own)
      items.get(round)?.push({
        ...{ tag, class: name, finding: "surplus", sentAt: null, backAt: at },
        ...{ sentRound: null, backRound: round },
      });
  for (const own of items.values())
    own.sort((left, right) => byText(left.tag, right.tag) || byText(left.finding, right.finding));
  return {
    rounds: lives.map((life, index) => reportOf(life, index + 1, items.get(index + 1) ?? [])),
    items: (round) => items.get(round) ?? [],
  };
};

/**
 * The rounds of a laundry contract, folded from the log in its order: the one definition of what a difference report says.
 *
 *   counted ──finalize──► at the cleaner ──returned──► back ──reactivate, or close and reopen──► the next round
 *
 * A scan belongs to the round in which it was made, however late it comes; a hand count to the one in which it was recorded. `numbers`
 * are those of the contract and of what was merged into it: what happened on these happened here. `events` are all that name or
 * touch any of them, and those that take them back.
 */
export const foldRounds = (
  number: string,
  numbers: ReadonlySet<string>,
  events: readonly RoundEvent[],
): Rounds => {
  const counting = effective(events);
  const [first] = counting;
  if (first === undefined) return { rounds: [], items: () => [] };
  const began = { at: first.scannedAt ?? first.receivedAt, by: first.by };
  const lives: RoundLife[] = [{ began, state: "open", lots: new Map() }];
  for (const event of counting) {
    if (event.contract === number) takeState(lives, event);
    const last = lives.at(-1);
    if (event.type === LotRecorded.type && last !== undefined && numbers.has(event.contract ?? ""))
      takeLot(last, event.data as LotRecorded);
  }
  const beganAtMs = lives.map((life) => Date.parse(life.began.at));
  const roundAt = (at: string): number => {
    const atMs = Date.parse(at);
    return Math.max(1, beganAtMs.findLastIndex((ms) => ms <= atMs) + 1);
  };

  const journey = openJourney(roundAt);
  for (const event of counting) {
    const { tag, type, data, contract } = event;
    if (tag === undefined) continue;
    if (type === ItemRetagged.type) {
      const { set } = data as { readonly set?: { readonly replacedBy?: string | null } };
      if (set?.replacedBy != null) journey.rename(tag, set.replacedBy);
      continue;
    }
    const moves = movesOf(data).filter((move) => numbers.has(move.contract));
    for (const move of moves) journey.move(tag, move);
    if (moves.length === 0 && numbers.has(contract ?? "") && isBackScan(event)) {
      const { class: said } = data as { readonly class?: string };
      journey.comeBack(tag, event.scannedAt ?? event.receivedAt, said ?? event.class ?? "");
    }
  }
  return told(lives, journey, roundAt);
};
