import { note, reasonsOf } from "./demo-log.ts";

const requestTimeoutMs = 10_000;
const retryFirstMs = 200;
const retryMaxMs = 5_000;

export type DemoAnswer = { readonly status: number; readonly body: unknown };

/** A call of the public API, tried again with the same ids for as long as nobody answers or the answer says "later". */
export type DemoCall = (method: string, path: string, body?: unknown) => Promise<DemoAnswer>;

const isPassing = (status: number): boolean => status === 429 || status >= 500;

/** The demo is a client like any other: it knows the public address and a key, and nothing else. */
export const openDemoClient = (options: {
  readonly url: string;
  /** Asked each time: a restarted api-gateway may have made another one. */
  readonly readKey: () => Promise<string>;
  readonly signal: AbortSignal;
}): DemoCall => {
  const once = async (method: string, path: string, body: unknown): Promise<DemoAnswer> => {
    const key = await options.readKey();
    const response = await fetch(`${options.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(requestTimeoutMs)]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  };

  return async (method, path, body) => {
    for (let waitMs = retryFirstMs; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
      const answer = await once(method, path, body).catch((error: unknown) => {
        options.signal.throwIfAborted();
        note(`${method} ${path}: ${reasonsOf(error)}; tried again in ${waitMs} ms`);
        return undefined;
      });
      if (answer !== undefined && !isPassing(answer.status)) return answer;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      options.signal.throwIfAborted();
    }
  };
};
