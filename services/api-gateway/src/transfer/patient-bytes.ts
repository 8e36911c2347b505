import type { Readable } from "node:stream";
import { Fault } from "@tagwire/messages";

/** The longest that a sender may stay silent while we wait for what comes next, in ms. */
export const senderIdleMsMax = 60_000;

type Patience = {
  readonly idleMsMax: number;
  /** Given when this process ends. */
  readonly closing: AbortSignal;
};

const within = async <T>(work: Promise<T>, { idleMsMax, closing }: Patience): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const close = () => reject(new Fault("unavailable", "this gateway ends; another one takes the file again"));
  if (closing.aborted) close();
  closing.addEventListener("abort", close, { once: true });
  const timer = setTimeout(
    () => reject(new Fault("request_timeout", `nothing came for ${idleMsMax / 1_000} s`)),
    idleMsMax,
  );
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", close);
  }
};

/**
 * The bytes of a request as they are asked for. Time counts only while we wait for the sender, never while the sender waits for us.
 * The request is left open when reading ends early, so that it can still be answered.
 *
 * @throws Fault `request_timeout` for a sender that falls silent, `unavailable` when this process ends.
 */
export async function* patientBytes(body: Readable, patience: Patience): AsyncGenerator<Buffer> {
  const chunks = body.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  let isSilent = false;
  try {
    for (;;) {
      const next = await within(chunks.next(), patience).catch((error: unknown) => {
        isSilent = error instanceof Fault;
        throw isSilent
          ? error
          : new Fault("request_timeout", "the connection ended before the file", { cause: error });
      });
      if (next.done === true) return;
      yield next.value as Buffer;
    }
  } finally {
    // One that is still waited for would only end together with the request.
    if (!isSilent) await chunks.return?.();
  }
}
