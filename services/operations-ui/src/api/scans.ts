import type { Receipt, Scan } from "@tagwire/messages";
import { type Answer, call, type Refusal } from "./http.ts";

/* Something on the way answered in the server's place. What became of the scans is unknown, so they are asked for again. */
const unreadable: Refusal = {
  status: 200,
  code: "unreadable",
  message: "The answer could not be read.",
  retryable: true,
};

/** Sends scans; one receipt each comes back, in the order sent. Safe to repeat: the ids say which scans they are. */
export const postScans = async (
  site: string,
  scans: readonly Scan[],
): Promise<Answer<readonly Receipt[]>> => {
  const answer = await call<{ receipts?: Receipt[] } | null>(`/sites/${encodeURIComponent(site)}/scans`, {
    method: "POST",
    body: { scans },
  });
  if (answer.kind !== "ok") return answer;
  const { receipts } = answer.value ?? {};
  return Array.isArray(receipts) ? { kind: "ok", value: receipts } : { kind: "refused", refusal: unreadable };
};
