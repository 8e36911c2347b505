import { Fault, isFaultCode } from "@tagwire/messages";
import type { Access } from "./access.ts";

const requestTimeoutMs = 15_000;
const retryFirstMs = 200;
const retryMaxMs = 5_000;
/** Whoever is away so long is not waited for any longer. */
const patienceMsDefault = 120_000;

export type Answer = { readonly status: number; readonly body: unknown };

/** A member of an answer's body, where it has one. */
export const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === "object" && body !== null && name in body
    ? (body as Record<string, unknown>)[name]
    : undefined;

/** The problem that was answered, by its own code. */
export const faultOf = (what: string, { status, body }: Answer): Fault => {
  const code = fieldOf(body, "code");
  const detail = fieldOf(body, "detail");
  const said = typeof detail === "string" && detail !== "" ? detail : `answered with ${status}`;
  return new Fault(isFaultCode(code) ? code : "unavailable", `${what}: ${said}`);
};

const isRetryable = (answer: Answer): boolean =>
  fieldOf(answer.body, "retryable") === true || answer.status >= 500;

type Request = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
};

const once = async (access: Access, { method, path, body, timeoutMs }: Request): Promise<Answer> => {
  const response = await fetch(`${access.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await access.readKey()}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    signal: AbortSignal.any([access.signal, AbortSignal.timeout(timeoutMs)]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  } catch {
    return { status: response.status, body: null };
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });

/** A call, again for as long as nobody answers or the answer says "later". @throws Fault the answer's, or `unavailable` */
export const call = async (
  access: Access,
  method: string,
  path: string,
  body?: unknown,
  timeoutMs = requestTimeoutMs,
): Promise<Answer> => {
  const what = `${method} ${path}`;
  const until = performance.now() + (access.patienceMs ?? patienceMsDefault);
  for (let waitMs = retryFirstMs; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
    const answer = await once(access, { method, path, body, timeoutMs }).catch((cause: unknown) => {
      access.signal.throwIfAborted();
      return new Fault("unavailable", `${what}: nobody answers at ${access.url}`, { cause });
    });
    if (!(answer instanceof Fault) && !isRetryable(answer)) return answer;
    if (performance.now() >= until) throw answer instanceof Fault ? answer : faultOf(what, answer);
    await pause(waitMs, access.signal);
    access.signal.throwIfAborted();
  }
};
