import {
  ClassDefined,
  crewOf,
  foldClass,
  type Item,
  type QueuedItem,
  type RentalClass,
  type ServiceQueue,
  serviceQueues,
} from "@tagwire/messages";
import type { Classes } from "./class-book.ts";
import type { Happening } from "./happening.ts";
import type { PlacedChange } from "./live-messages.ts";

const queues: ReadonlySet<string> = new Set(serviceQueues);
const isQueue = (status: string): status is ServiceQueue => queues.has(status);

/** An item that waits in service, and since when. */
export type Waiting = { readonly item: Item; readonly since: string };

/** What is known of the queues that a run touches. */
export type KnownQueues = {
  /** The classes of what waits, and those that are described. */
  readonly classes: Classes;
  /** What waits already of the classes that are described: it is called otherwise from then on. */
  readonly waiting: readonly Waiting[];
  /** Since when items wait that the run changes otherwise, by their tags. */
  readonly since: ReadonlyMap<string, string>;
};

const isWaiting = (item: Item | undefined): boolean => item !== undefined && isQueue(item.status);
const isDescription = ({ event }: Happening): boolean => event.type === ClassDefined.type;

/** An item that waits, or waited until now, was changed; or it was said what a class is called. */
export const concernsQueues = (happening: Happening): boolean =>
  isDescription(happening) ||
  (happening.before !== happening.after && (isWaiting(happening.before) || isWaiting(happening.after)));

/** What has to be known before a run is folded. */
export const queueKeys = (happenings: readonly Happening[]) => {
  const described = new Set(
    happenings.filter(isDescription).map(({ event }) => (event.data as ClassDefined).class),
  );
  const classes = new Set(happenings.flatMap(({ after }) => (after === undefined ? [] : [after.class])));
  const tags = happenings.flatMap(({ after, since }) =>
    after !== undefined && isWaiting(after) && since === undefined ? [after.tag] : [],
  );
  return { described, classes: new Set([...classes, ...described]), tags: new Set(tags) };
};

/** The row of an item that waits. It is as new as the item, or as what its class is called. */
export const queuedItem = ({ item, since }: Waiting, rentalClass: RentalClass | undefined): QueuedItem => ({
  tag: item.tag,
  queue: item.status as ServiceQueue,
  since,
  class: item.class,
  className: rentalClass?.name ?? null,
  crew: crewOf(rentalClass),
  name: item.name,
  quality: item.quality,
  place: item.place,
  notes: item.notes,
  condition: item.condition ?? null,
  pos: Math.max(item.pos, rentalClass?.pos ?? 0),
});

const put = (row: QueuedItem): PlacedChange => ({
  pos: row.pos,
  change: { key: row.tag, version: row.pos, put: row },
});

/** What changes in the queues: items that came or are otherwise now, those that left, and those whose class is called otherwise. */
export const foldQueues = (known: KnownQueues, happenings: readonly Happening[]): PlacedChange[] => {
  const classes = new Map(known.classes);
  const waiting = new Map(known.waiting.map((one) => [one.item.tag, one]));
  const renamed = new Set<string>();
  const touched = new Map<string, number>();
  for (const { event, after, since } of happenings) {
    if (event.type === ClassDefined.type) {
      const defined = event.data as ClassDefined;
      classes.set(defined.class, foldClass(classes.get(defined.class), event.pos, defined));
      renamed.add(defined.class);
    } else if (after !== undefined) {
      touched.set(after.tag, event.pos);
      if (isWaiting(after))
        waiting.set(after.tag, {
          item: after,
          since: since ?? known.since.get(after.tag) ?? event.recordedAt,
        });
      else waiting.delete(after.tag);
    }
  }
  const left = [...touched].filter(([tag]) => !waiting.has(tag));
  const shown = [...waiting.values()].filter(({ item }) => touched.has(item.tag) || renamed.has(item.class));
  return [
    ...left.map(([tag, pos]): PlacedChange => ({ pos, change: { key: tag, version: pos, del: true } })),
    ...shown.map((one) => put(queuedItem(one, classes.get(one.item.class)))),
  ].sort((one, other) => one.pos - other.pos);
};
