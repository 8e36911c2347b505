import { Fault } from "@tagwire/messages";

/** Reads an answer as far as its bound, so that a huge one costs no memory. */
export const readAnswer = async (response: Response, bytesMax: number): Promise<string> => {
  const promised = Number(response.headers.get("content-length") ?? 0);
  if (promised > bytesMax) {
    // What nobody reads would keep its connection until the answer's time is over.
    await response.body?.cancel().catch(() => undefined);
    throw new Fault("rfidpro.too_large", `an answer of ${promised} bytes`);
  }
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new Fault("rfidpro.too_large", `an answer of more than ${bytesMax} bytes`);
    pieces.push(piece);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces));
  } catch (cause) {
    throw new Fault("rfidpro.garbled", "an answer that is no UTF-8", { cause });
  }
};

/** `Retry-After` in ms: seconds, or an instant as HTTP writes it (RFC 9110, section 10.2.3). Null where it says nothing. */
export const retryAfterMs = (header: string | null, nowMs: number): number | null => {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
};
