import type { Receipt } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";
import type { ItemFacts } from "./items.ts";

/** Puts another tag on a thing; under the same id it is one change. */
export const retagItem = (
  site: string,
  {
    tag,
    id,
    body,
  }: {
    readonly tag: string;
    readonly id: string;
    readonly body: { readonly to: string; readonly reason?: string };
  },
): Promise<Answer<{ readonly item: ItemFacts; readonly receipt: Receipt }>> =>
  call(`/sites/${encodeURIComponent(site)}/items/${encodeURIComponent(tag)}:retag`, {
    ...{ method: "POST", body, idempotencyKey: id },
  });
