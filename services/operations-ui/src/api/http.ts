/** What the server (or the way to it) said instead of an answer. */
export type Refusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly traceId?: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
};

export type Answer<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "signed_out" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export const requestTimeoutMs = 10_000;

let onSignedOut: () => void = () => {};

/** Names who is told whenever a call is answered with 401: whichever it is, the session has ended. */
export const whenSignedOut = (listener: () => void): void => {
  onSignedOut = listener;
};

export type Call = {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  /** A file instead of a body, as it is. */
  readonly file?: { readonly type: string; readonly content: Blob | string };
  readonly signal?: AbortSignal;
  /** The id of what is asked for: sent again under it, it is done once. */
  readonly idempotencyKey?: string;
};

/**
 * Calls the API. Never throws: what went wrong is part of the answer, since every caller has to show it.
 *
 * Status 0 stands for "no answer at all": no network, no server, or none within {@link requestTimeoutMs}.
 */
export const call = async <T>(
  path: string,
  { method = "GET", body, file, signal, idempotencyKey }: Call = {},
): Promise<Answer<T>> => {
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(method === "GET" ? {} : { "x-tagwire-csrf": "1" }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(file === undefined ? {} : { "content-type": file.type }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(file === undefined ? {} : { body: file.content }),
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    if (response.status === 401) {
      onSignedOut();
      return { kind: "signed_out" };
    }
    if (!response.ok) return { kind: "refused", refusal: await readRefusal(response) };
    const value = response.status === 204 ? undefined : await response.json();
    return { kind: "ok", value: value as T };
  } catch {
    const message = timeout.aborted ? "The server did not answer in time." : "The server cannot be reached.";
    return { kind: "refused", refusal: { status: 0, code: "unreachable", message, retryable: true } };
  }
};

const readRefusal = async (response: Response): Promise<Refusal> => {
  const problem = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string): string | undefined =>
    typeof problem[name] === "string" ? (problem[name] as string) : undefined;
  const retryAfterS = Number(response.headers.get("retry-after") ?? Number.NaN);
  const traceId = text("traceId");
  return {
    status: response.status,
    code: text("code") ?? `http_${response.status}`,
    message: text("detail") ?? text("title") ?? `The server answered ${response.status}.`,
    retryable: problem.retryable === true || response.status >= 500 || response.status === 429,
    ...(traceId === undefined ? {} : { traceId }),
    ...(Number.isFinite(retryAfterS) ? { retryAfterMs: retryAfterS * 1_000 } : {}),
  };
};
