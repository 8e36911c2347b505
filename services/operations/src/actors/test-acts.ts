import { type By, type CreateItem, newId, type PatchItem, type Scan } from "@tagwire/messages";
import type { Act } from "./act.ts";

export const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

type From = { readonly by?: By; readonly receivedAt?: string };

export const originOf = ({ by = { device: "d" }, receivedAt = new Date().toISOString() }: From) => ({
  ...{ by, receivedAt, traceparent },
});

/** A touch of a tag, made when it was received, unless more is said. */
export const scanAct = (tag: string, more: Partial<Scan> = {}, from: From = {}): Act => {
  const id = more.id ?? newId();
  const origin = originOf(from);
  const scan: Scan = { tag, type: "touch", scannedAt: origin.receivedAt, ...more, id };
  return { kind: "scan", id, origin, scan };
};

export const createAct = (tag: string, more: Partial<CreateItem> = {}, from: From = {}): Act => ({
  kind: "item.create",
  id: newId(),
  origin: originOf(from),
  body: { tag, class: "chair", ...more },
});

/** An edit by hand, of whatever version the item is at unless one is named. */
export const patchAct = (
  tag: string,
  patch: PatchItem,
  { version = null, ...from }: From & { readonly version?: number | null } = {},
): Act => ({ kind: "item.patch", id: newId(), origin: originOf(from), body: { tag, version, patch } });
