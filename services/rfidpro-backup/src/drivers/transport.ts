import { Fault, type RfidproDataset } from "@tagwire/messages";
import { addressesOf, allowOnly } from "./allow-list.ts";
import { readAnswer, retryAfterMs } from "./read-answer.ts";
import type { RfidproLimits, RfidproSettings } from "./settings.ts";

export type Answer = {
  readonly status: number;
  readonly text: string;
  /** What time it is by RFIDpro's own clock, in ms since 1970; null where it does not say. */
  readonly serverMs: number | null;
  readonly retryAfterMs: number | null;
};

/** The one way to RFIDpro. There is no verb but these two, so nothing can be written, whoever asks. */
export type Transport = {
  readonly login: (signal: AbortSignal) => Promise<Answer>;
  readonly get: (dataset: RfidproDataset, asked: URLSearchParams, how: Reading) => Promise<Answer>;
};
type Reading = { readonly token: string; readonly signal: AbortSignal };

type Sent = { readonly method: "GET" | "POST"; readonly url: URL; readonly signal: AbortSignal };

const asFault = (error: unknown, asker: AbortSignal, limits: RfidproLimits): Fault => {
  if (error instanceof Fault) return error;
  if (asker.aborted) return new Fault("rfidpro.cancelled", "", { cause: error });
  if (error instanceof Error && error.name === "TimeoutError")
    return new Fault("rfidpro.unreachable", `no whole answer within ${limits.answerTimeoutMs} ms`, {
      cause: error,
    });
  const { cause } = error as { cause?: { code?: unknown } };
  const code = typeof cause?.code === "string" ? cause.code : "the connection failed";
  return new Fault("rfidpro.unreachable", code, { cause: error });
};

/**
 * Opens the way to RFIDpro.
 *
 * @throws Fault `rfidpro.forbidden` where the settings lead to no address that may be asked
 */
export const openTransport = (settings: RfidproSettings, limits: RfidproLimits): Transport => {
  const addresses = addressesOf(settings);

  const send = async (
    { method, url, signal }: Sent,
    init: { headers: Record<string, string>; body?: string },
  ): Promise<Answer> => {
    allowOnly(addresses, method, url);
    try {
      const response = await fetch(url, {
        method,
        // The login is for RFIDpro alone: it never goes along to where an answer leads.
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(limits.answerTimeoutMs)]),
        // What is unpacked on the way could be a thousand times as large as what came.
        headers: { accept: "application/json", "accept-encoding": "identity", ...init.headers },
        ...(init.body === undefined ? {} : { body: init.body }),
      });
      const dateMs = Date.parse(response.headers.get("date") ?? "");
      return {
        status: response.status,
        text: await readAnswer(response, limits.answerBytesMax),
        serverMs: Number.isNaN(dateMs) ? null : dateMs,
        retryAfterMs: retryAfterMs(response.headers.get("retry-after"), Date.now()),
      };
    } catch (error) {
      throw asFault(error, signal, limits);
    }
  };

  return {
    login: (signal) => {
      const { username, password } = settings;
      const headers = { "content-type": "application/json" };
      return send(
        { method: "POST", url: addresses.login, signal },
        { headers, body: JSON.stringify({ username, password }) },
      );
    },
    get: async (dataset, asked, { token, signal }) => {
      const address = addresses.data.get(dataset);
      if (address === undefined) throw new Fault("rfidpro.forbidden", `no data set ${dataset}`);
      const url = new URL(address);
      url.search = asked.toString();
      return send({ method: "GET", url, signal }, { headers: { authorization: `Bearer ${token}` } });
    },
  };
};
