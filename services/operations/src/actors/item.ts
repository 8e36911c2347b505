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
import { changeBody, type Decision, type Origin, withSet } from "./decision.ts";

const byHand: ReadonlySet<string> = new Set([...manualStatuses, "provisioned"]);
const out: ReadonlySet<string> = new Set(["staged", "on_rent", "delivered"]);

/**
 * Commissions a tag: from now on an item carries it.
 *
 * Commissioning is no fact about where the thing was, so scans from before it still count.
 *
 * @throws Fault `tag_malformed`, `item_exists`, and `transition_refused` for states that only scans lead to.
 */
export const decideCreate = (known: Item | undefined, body: CreateItem, origin: Origin): Decision => {
  const tag = normaliseTag(body.tag);
  if (tag === undefined) throw new Fault("tag_malformed", "");
  if (known !== undefined) throw new Fault("item_exists", tag);
  const status = body.status ?? "ready";
  if (!byHand.has(status)) throw new Fault("transition_refused", `${status} comes from scans alone`);
  const item: Item = {
    tag,
    class: body.class.trim(),
    name: body.name ?? null,
    status,
    quality: body.quality ?? null,
    place: body.place ?? null,
    contract: null,
    notes: null,
    version: 1,
    pos: 0,
    lastFactAt: null,
    lastScan: null,
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
 *   on_rent, delivered, staged, provisioned come from elsewhere: rejected
 *
 * @throws Fault `tag_unknown`, `version_stale`.
 */
export const decidePatch = (
  item: Item | undefined,
  request: { tag: string; version: number | null; patch: PatchItem },
  origin: Origin,
): Decision => {
  if (item === undefined) throw new Fault("tag_unknown", request.tag);
  if (request.version !== null && request.version !== item.version) {
    throw new Fault("version_stale", `the item is at version ${item.version}`);
  }
  const { patch } = request;
  if (patch.status !== undefined && !manualStatuses.some((status) => status === patch.status)) {
    return {
      outcome: "rejected",
      code: "transition_refused",
      message: `${patch.status} comes from scans alone`,
      flags: [],
      item,
    };
  }
  const set: ItemSet = {
    ...(patch.status === undefined || patch.status === item.status
      ? {}
      : { status: patch.status, contract: null, lastFactAt: origin.receivedAt }),
    ...(patch.quality === undefined || patch.quality === item.quality ? {} : { quality: patch.quality }),
    ...(patch.place === undefined || patch.place === item.place ? {} : { place: patch.place }),
    ...(patch.notes === undefined || patch.notes === item.notes ? {} : { notes: patch.notes }),
  };
  if (Object.keys(set).length === 0) return { outcome: "already_applied", flags: [], item };
  const flags =
    set.status !== undefined && out.has(item.status) && item.status !== "staged"
      ? ["return_not_recorded"]
      : [];
  const data = changeBody(item, set, { outcome: "accepted", flags });
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
