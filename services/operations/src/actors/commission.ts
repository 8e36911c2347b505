import {
  type ContractMember,
  type ContractMove,
  Fault,
  type Item,
  ItemCreated,
  ItemEdited,
  ItemRetagged,
  type ItemSet,
  type LastScan,
  normaliseTag,
  type ProvisionTags,
  type RetagItem,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { changeBody, type Decision, latestOf, type Origin, type Said } from "./decision.ts";
import { isHeldElsewhere } from "./epc-holder.ts";
import { firstVersionAfter, isUnknownAgain } from "./free-tag.ts";
import type { Ground } from "./known.ts";
import { refuseTwin } from "./twin.ts";

/** A thing of a class as it is when its tag is made: nothing is known of it yet. */
export const newItem = (
  tag: string,
  of: { readonly class: string; readonly place?: string | undefined; readonly role?: string | undefined },
  at: string,
): Item => ({
  tag,
  class: of.class.trim(),
  name: null,
  status: "provisioned",
  quality: null,
  place: of.place ?? null,
  contract: null,
  notes: null,
  version: 1,
  pos: 0,
  lastFactAt: null,
  lastScan: null,
  placeAt: of.place === undefined ? null : at,
  qualityAt: null,
  role: of.role ?? null,
  condition: null,
  lastService: null,
  replaces: null,
  replacedBy: null,
});

/** A sold thing's tag goes on a thing to come: one life under the tag, in which everything that was known of the sold thing has ended. */
const reuse = (item: Item, body: ProvisionTags, origin: Origin): Said => {
  const at = origin.receivedAt;
  const fresh = newItem(item.tag, body, at);
  const { tag: _tag, version: _version, pos: _pos, name: _name, replaces: _replaces, ...rest } = fresh;
  const set: ItemSet = { ...rest, lastFactAt: latestOf(at, item.lastFactAt) };
  const data = changeBody(item, set, { outcome: "accepted", flags: [] });
  return {
    type: ItemEdited.type,
    tag: item.tag,
    data: { ...data, reason: "its tag is used again" },
    ...origin,
  };
};

/** Sold things of the class whose tags may be used again: nobody has bought the name of one at another site meanwhile. */
const reusable = (book: Book, { soldTags = [] }: Ground, { class: name }: ProvisionTags): Item[] =>
  soldTags.flatMap((tag) => {
    const item = book.item(tag);
    if (item?.status !== "sold" || item.replacedBy != null || item.class !== name.trim()) return [];
    return isHeldElsewhere(book, tag) ? [] : [item];
  });

/**
 * Makes tags for things to come: each is an item that is provisioned until its label is confirmed, or it is first scanned or edited.
 * Those of sold things come first, where that is wanted.
 *
 * @throws Fault `tags_exhausted` when the sequence has no more free ones.
 */
export const decideProvision = (
  book: Book,
  body: ProvisionTags,
  origin: Origin,
  ground: Ground,
): Decision => {
  const again = body.reuseSold === true ? reusable(book, ground, body).slice(0, body.quantity) : [];
  const wanted = body.quantity - again.length;
  const tags = (ground.freeTags ?? []).filter((tag) => book.item(tag) === undefined).slice(0, wanted);
  if (tags.length < wanted)
    throw new Fault("tags_exhausted", `${again.length + tags.length} of ${body.quantity} are free`);
  const says: Said[] = [
    ...again.map((item) => reuse(item, body, origin)),
    ...tags.map((tag) => ({
      type: ItemCreated.type,
      tag,
      data: { item: newItem(tag, body, origin.receivedAt) },
      ...origin,
    })),
  ];
  const [said, ...besides] = says;
  if (said === undefined) throw new Fault("internal", "no tag was asked for");
  return { outcome: "accepted", flags: [], said, besides };
};

const nowhere: { readonly leaves: ContractMove[]; readonly enters: ContractMove[] } = {
  leaves: [],
  enters: [],
};

/**
 * What a change of tags means for the contract that the thing is on: it went out when it went out, whatever tag it carries since, and
 * what was out before and is set aside again counts there once.
 */
const underNewTag = (
  on: Pick<ContractMove, "contract" | "class" | "at">,
  standing: "staged" | "out",
  member: ContractMember | undefined,
): typeof nowhere => {
  const { outAt = null, backAt = null } = member ?? {};
  if (standing === "out")
    return { leaves: [{ ...on, to: "none" }], enters: [{ ...on, to: "out", at: outAt ?? on.at }] };
  if (outAt === null) return { leaves: [{ ...on, to: "none" }], enters: [{ ...on, to: "staged" }] };
  const before = { outAt, ...(backAt === null ? {} : { backAt }) };
  return { leaves: [{ ...on, to: "renamed" }], enters: [{ ...on, to: "staged", ...before }] };
};

/**
 * The thing gets another tag and goes on as it was: status, contract and grade move with it. The old tag has ended and leads to
 * the new one, so that nobody can put it on something else by mistake.
 *
 * @throws Fault `tag_malformed`, `tag_unknown`; `item_exists` when the new tag is on an item already, or says the name of another thing, `epc_held_elsewhere` when one of another site has that; `transition_refused` when the old
 * one has ended already.
 */
export const decideRetag = (book: Book, body: RetagItem, origin: Origin): Decision => {
  const from = normaliseTag(body.tag);
  const to = normaliseTag(body.to);
  if (from === undefined || to === undefined) throw new Fault("tag_malformed", "");
  const item = book.item(from);
  if (item === undefined || isUnknownAgain(item)) throw new Fault("tag_unknown", from);
  if (item.replacedBy === to) return { outcome: "already_applied", flags: [], item };
  if (!book.isFree(to)) throw new Fault("item_exists", to);
  refuseTwin(book, to, from);
  if (item.replacedBy != null) throw new Fault("transition_refused", `${from} is ${item.replacedBy} already`);
  if (item.status === "sold" || item.status === "retired")
    throw new Fault("transition_refused", `${from} is ${item.status}`);

  const at = origin.receivedAt;
  const set: ItemSet = {
    status: "retired",
    contract: null,
    lastFactAt: latestOf(at, item.lastFactAt),
    replacedBy: to,
  };
  const contract = item.contract === null ? undefined : item.contract;
  const standing =
    contract === undefined ? undefined : item.status === "staged" ? ("staged" as const) : ("out" as const);
  const member =
    contract === undefined
      ? undefined
      : book.standings(from, [contract]).find((one) => one.contract === contract);
  const { leaves, enters } =
    contract === undefined || standing === undefined
      ? nowhere
      : underNewTag({ contract, class: member?.class ?? item.class, at }, standing, member);
  const reason = body.reason === undefined ? {} : { reason: body.reason };
  const data = { ...changeBody(item, set, { outcome: "accepted", flags: [], moves: leaves }), ...reason };
  const version = firstVersionAfter(book.item(to));
  // What was read of the old tag itself says nothing of the new one.
  const { isIso: _, ...lastScan } = item.lastScan ?? {};
  const seen = item.lastScan === null ? null : (lastScan as LastScan);
  const successor: Item = {
    ...item,
    lastScan: seen,
    tag: to,
    version,
    pos: 0,
    replaces: from,
    replacedBy: null,
  };
  const named = contract === undefined ? {} : { contract };
  return {
    outcome: "accepted",
    flags: [],
    said: { type: ItemRetagged.type, tag: from, data, ...named, ...origin },
    besides: [
      {
        type: ItemCreated.type,
        tag: to,
        data: { item: successor, ...(enters.length === 0 ? {} : { moves: enters }) },
        ...named,
        ...origin,
      },
    ],
  };
};
