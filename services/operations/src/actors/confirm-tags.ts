import {
  type ConfirmedTags,
  type ConfirmTags,
  Fault,
  type Item,
  ItemEdited,
  type ItemStatus,
  type MisprintFate,
  normaliseTag,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { changeBody, type Decision, latestOf, type Origin, type Said } from "./decision.ts";
import { isUnknownAgain } from "./free-tag.ts";
import type { Ground, Unlabelled } from "./known.ts";

type Fate = "ready" | MisprintFate;

const normal = (written: string): string => {
  const tag = normaliseTag(written);
  if (tag === undefined) throw new Fault("tag_malformed", written.slice(0, 80));
  return tag;
};

/** What becomes of each tag; a misprint is none that came out well. */
const fatesOf = (
  { tags, misprints = [] }: ConfirmTags,
  unlabelled: Unlabelled | undefined,
): ReadonlyMap<string, Fate> =>
  new Map<string, Fate>([
    ...[...tags, ...(unlabelled?.tags ?? [])].map((tag) => [normal(tag), "ready"] as const),
    ...misprints.map(({ tag, fate }) => [normal(tag), fate] as const),
  ]);

const statusAfter: Readonly<Record<Exclude<Fate, "reprint">, ItemStatus>> = {
  ready: "ready",
  retire: "retired",
};

const confirmed = (item: Item, fate: Exclude<Fate, "reprint">, origin: Origin): Said => {
  const set = {
    status: statusAfter[fate],
    contract: null,
    lastFactAt: latestOf(origin.receivedAt, item.lastFactAt),
  };
  const reason = fate === "ready" ? "its label was printed" : "its label was misprinted";
  const data = { ...changeBody(item, set, { outcome: "accepted", flags: [] }), reason };
  return { type: ItemEdited.type, tag: item.tag, data, ...origin };
};

/**
 * Labels came out of the printer.
 *
 *   provisioned ──confirmed──► ready
 *   provisioned ──misprint, given up──► retired
 *   provisioned ──misprint, once more──► provisioned
 *   anything else stays as it is: it was scanned, edited or confirmed since
 *
 * @throws Fault `tag_malformed`, `tag_unknown`: of a list with a stranger in it nothing is confirmed.
 */
export const decideConfirm = (
  book: Book,
  body: ConfirmTags,
  origin: Origin,
  { unlabelled }: Ground,
): Decision => {
  const says = [...fatesOf(body, unlabelled)].flatMap(([tag, fate]) => {
    const item = book.item(tag);
    if (item === undefined || isUnknownAgain(item)) throw new Fault("tag_unknown", tag);
    return item.status !== "provisioned" || fate === "reprint" ? [] : [confirmed(item, fate, origin)];
  });
  const [said, ...besides] = says;
  if (said === undefined) return { outcome: "already_applied", flags: [] };
  return { outcome: "accepted", flags: [], said, besides };
};

/** How the tags of a confirmation stand by now. */
export const confirmedNow = (book: Book, body: ConfirmTags, unlabelled?: Unlabelled): ConfirmedTags => {
  const now = { ready: [], retired: [], reprint: [], unchanged: [] } as Record<
    Exclude<keyof ConfirmedTags, "left">,
    string[]
  >;
  for (const [tag, fate] of fatesOf(body, unlabelled)) {
    const status = book.item(tag)?.status;
    if (fate === "reprint") now[status === "provisioned" ? "reprint" : "unchanged"].push(tag);
    else if (fate === "ready") now[status === "ready" ? "ready" : "unchanged"].push(tag);
    else now[status === "retired" ? "retired" : "unchanged"].push(tag);
  }
  return { ...now, ...(unlabelled === undefined ? {} : { left: unlabelled.left }) };
};
