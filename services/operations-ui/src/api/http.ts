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
  /** For what takes longer than {@link requestTimeoutMs}. */
  readonly timeoutMs?: number;
  /** The id of what is asked for: sent again under it, it is done once. */
  readonly idempotencyKey?: string;
  /** The version of a thing that was read: changed by somebody else since, it is refused with 412. */
  readonly version?: number;
  /** What is answered is a file and no JSON. */
  readonly isText?: true;
};

/**
 * Calls the API. Never throws: what went wrong is part of the answer, since every caller has to show it.
 *
 * Status 0 stands for "no answer at all": no network, no server, or none within {@link requestTimeoutMs} or `timeoutMs`.
 */
export const call = async <T>(
  path: string,
  { method = "GET", body, file, signal, timeoutMs = requestTimeoutMs, ...more }: Call = {},
): Promise<Answer<T>> => {
  const { idempotencyKey, version, isText } = more;
  const timeout = AbortSignal.timeout(timeoutMs);
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
        ...(version === undefined ? {} : { "if-match": `"v${version}"` }),
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
    const read = () => (isText ? response.text() : response.json());
    const value = response.status === 204 ? undefined : await read();
    return { kind: "ok", value: value as T };
  } catch {
    const [code, message] = timeout.aborted
      ? ["timeout", "The server did not answer in time."]
      : ["unreachable", "The server cannot be reached."];
    return { kind: "refused", refusal: { status: 0, code, message, retryable: true } };
  }
};

/** The name of a field as it stands in an address of RFC 6901, such as `timeZone` of `/timeZone`, spoken: `time zone`. */
const spokenField = (pointer: string): string =>
  pointer
    .split("/")
    .filter((part) => part !== "")
    .map((part) =>
      part
        .replaceAll("~1", "/")
        .replaceAll("~0", "~")
        .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
        .toLowerCase(),
    )
    .join(", ");

/** What is wrong with each field, in a sentence; undefined where a problem points at none. */
const fieldsText = (errors: unknown): string | undefined => {
  if (!Array.isArray(errors)) return undefined;
  const texts = (errors as { pointer?: unknown; message?: unknown }[]).flatMap(({ pointer, message }) => {
    if (typeof pointer !== "string" || typeof message !== "string") return [];
    const words = message.replace(/<= (?=\S)/, "at most ").replace(/>= (?=\S)/, "at least ");
    return [`${spokenField(pointer) || "What was sent"} ${words}`];
  });
  if (texts.length === 0) return undefined;
  const text = texts.join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
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
    // Of a schema the detail says only that there are errors: whoever fills in a form has to see which field is meant.
    message:
      fieldsText(problem.errors) ??
      text("detail") ??
      text("title") ??
      `The server answered ${response.status}.`,
    retryable: problem.retryable === true || response.status >= 500 || response.status === 429,
    ...(traceId === undefined ? {} : { traceId }),
    ...(Number.isFinite(retryAfterS) ? { retryAfterMs: retryAfterS * 1_000 } : {}),
  };
};
