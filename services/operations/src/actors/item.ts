import {
  type CreateItem,
  Fault,
  type Item,
  ItemCreated,
  ItemEdited,
  type ItemSet,
  manualStatuses,
  normaliseTag,
  type PatchItem,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { movesBetween, wentOutAs } from "./contract-moves.ts";
import {
  changeBody,
  checkVersion,
  type Decision,
  latestOf,
  type Origin,
  type VersionWanted,
  withSet,
} from "./decision.ts";
import { firstVersionAfter } from "./free-tag.ts";
import { type ContractsKnown, noContracts } from "./scan-contract.ts";
import { refuseTwin } from "./twin.ts";

const manual: ReadonlySet<string> = new Set(manualStatuses);
/** The one status that only commissioning gives. */
const firstStatus = "provisioned";
const out: ReadonlySet<string> = new Set(["staged", "on_rent", "delivered"]);

/**
 * Commissions a tag: from now on an item carries it.
 *
 * Commissioning is no fact about what became of the thing, so scans from before it still count; but a place and a grade that
 * it states are newer than theirs.
 *
 * @throws Fault `tag_malformed`, `item_exists`, `epc_held_elsewhere`, and `transition_refused` for states that only scans lead to.
 */
export const decideCreate = (
  book: Book,
  body: CreateItem & { readonly notes?: string },
  origin: Origin,
  statedAt = origin.receivedAt,
): Decision => {
  const tag = normaliseTag(body.tag);
  if (tag === undefined) throw new Fault("tag_malformed", "");
  if (!book.isFree(tag)) throw new Fault("item_exists", tag);
  refuseTwin(book, tag);
  const status = body.status ?? "ready";
  if (!manual.has(status) && status !== firstStatus)
    throw new Fault("transition_refused", `${status} comes from scans alone`);
  const item: Item = {
    tag,
    class: body.class.trim(),
    name: body.name ?? null,
    status,
    quality: body.quality ?? null,
    place: body.place ?? null,
    contract: null,
    notes: body.notes ?? null,
    version: firstVersionAfter(book.item(tag)),
    pos: 0,
    lastFactAt: null,
    lastScan: null,
    placeAt: body.place === undefined ? null : statedAt,
    qualityAt: body.quality === undefined ? null : statedAt,
    role: body.role ?? null,
    condition: null,
    lastService: null,
    replaces: null,
    replacedBy: null,
  };
  return {
    outcome: "accepted",
    flags: [],
    item,
    said: { type: ItemCreated.type, tag, data: { item }, ...origin },
  };
};

/**
 * A person changes an item by hand.
 *
 *   any ──patch──► ready │ inspect │ repair │ wash │ wet │ missing │ sold │ retired
 *   on_rent, delivered, staged come from scans alone, provisioned from commissioning: rejected
 *   a thing that got another tag is edited under that one: its status under this one is rejected
 *
 * @throws Fault `tag_unknown`, `version_stale`.
 */
export const decidePatch = (
  item: Item | undefined,
  request: VersionWanted & { readonly tag: string; readonly patch: PatchItem; readonly reason?: string },
  origin: Origin,
  contracts: ContractsKnown = noContracts,
): Decision => {
  if (item === undefined) throw new Fault("tag_unknown", request.tag);
  checkVersion("item", item.version, request);
  const { patch } = request;
  if (patch.status !== undefined && !manual.has(patch.status)) {
    const source = patch.status === firstStatus ? "commissioning" : "scans";
    return {
      outcome: "rejected",
      code: "transition_refused",
      message: `${patch.status} comes from ${source} alone`,
      flags: [],
      item,
    };
  }
  // The thing goes on under its other tag: two items for it would both count.
  if (patch.status !== undefined && patch.status !== item.status && item.replacedBy != null)
    return {
      outcome: "rejected",
      code: "transition_refused",
      message: `${item.tag} is ${item.replacedBy} now`,
      flags: [],
      item,
    };
  const at = origin.receivedAt;
  const set: ItemSet = {
    ...(patch.status === undefined || patch.status === item.status
      ? {}
      : {
          status: patch.status,
          contract: null,
          lastFactAt: latestOf(at, item.lastFactAt),
          ...(patch.status === "ready" && item.condition != null ? { condition: null } : {}),
        }),
    ...(patch.quality === undefined || patch.quality === item.quality
      ? {}
      : { quality: patch.quality, qualityAt: latestOf(at, item.qualityAt) }),
    ...(patch.place === undefined || patch.place === item.place
      ? {}
      : { place: patch.place, placeAt: latestOf(at, item.placeAt) }),
    ...(patch.role === undefined || patch.role === (item.role ?? null) ? {} : { role: patch.role }),
    ...(patch.notes === undefined || patch.notes === item.notes ? {} : { notes: patch.notes }),
  };
  if (Object.keys(set).length === 0) return { outcome: "already_applied", flags: [], item };
  // What a rule of the site sells was kept to be sold: nobody waits for it.
  const isByRule = origin.by.rule !== undefined;
  const flags =
    set.status !== undefined && out.has(item.status) && item.status !== "staged" && !isByRule
      ? ["return_not_recorded"]
      : [];
  const wentAs = wentOutAs(item, contracts);
  const moves = movesBetween(item, withSet(item, set), { isReturn: false, at, wentAs });
  const reason = request.reason === undefined ? {} : { reason: request.reason };
  const data = { ...changeBody(item, set, { outcome: "accepted", flags, moves }), ...reason };
  return {
    outcome: "accepted",
    flags,
    item: withSet(item, set),
    said: {
      type: ItemEdited.type,
      tag: item.tag,
      data,
      ...origin,
      ...(item.contract === null ? {} : { contract: item.contract }),
    },
  };
};
