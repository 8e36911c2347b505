import type { Receipt, Scan } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** Sends scans; one receipt each comes back, in the order sent. Safe to repeat: the ids say which scans they are. */
export const postScans = async (
  site: string,
  scans: readonly Scan[],
): Promise<Answer<readonly Receipt[]>> => {
  const answer = await call<{ receipts: Receipt[] }>(`/sites/${encodeURIComponent(site)}/scans`, {
    method: "POST",
    body: { scans },
  });
  return answer.kind === "ok" ? { kind: "ok", value: answer.value.receipts } : answer;
};
