import { createHash } from "node:crypto";
import { Parked, type ParkedMessage, parkedSubject } from "@tagwire/messages";
import type { Bus } from "./bus.ts";
import { publishInOrder } from "./publish.ts";
import { ensureStream } from "./stream.ts";

/** How much of an unreadable message is kept, in bytes. */
const keptBytesMax = 256 * 1024;

/**
 * Puts a message that nobody can read or apply aside, with its bytes and the reason, so that the road stays open and
 * a person can look at it and replay it. Safe to repeat: the same bytes are kept once. The stream for it is made when it is
 * not there, because a message nobody can read comes when nobody expects it.
 */
export const park = async (
  bus: Bus,
  parked: { service: string; reason: string; subject: string; data: Uint8Array; error: unknown },
): Promise<void> => {
  const { service, reason, subject, data, error } = parked;
  const kept = data.subarray(0, keptBytesMax);
  await ensureStream(bus, Parked);
  await publishInOrder(bus, [
    {
      subject: parkedSubject({ service, reason }),
      id: createHash("sha256").update(subject).update(data).digest("hex"),
      payload: JSON.stringify({
        subject,
        reason,
        bytes: data.length,
        base64: Buffer.from(kept).toString("base64"),
        error: String(error),
      } satisfies ParkedMessage),
      headers: {},
    },
  ]);
  bus.log.error({ err: error, subject, reason }, "message parked");
};
