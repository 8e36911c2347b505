import { type Antenna, Fault, isFaultCode, type Reader, type ReplayedEvent } from "@tagwire/messages";

const requestTimeoutMs = 15_000;
const retryFirstMs = 200;
const retryMaxMs = 5_000;
/** Whoever is away so long is not waited for any longer. */
const patienceMs = 120_000;

/** How to reach a Tagwire. */
export type Access = {
  readonly url: string;
  /** Asked each time: an api-gateway that was started again has made another one. */
  readonly readKey: () => Promise<string>;
  readonly signal: AbortSignal;
};

type Answer = { readonly status: number; readonly body: unknown };

const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === "object" && body !== null && name in body
    ? (body as Record<string, unknown>)[name]
    : undefined;

/** The problem that was answered, by its own code. */
const faultOf = (what: string, { status, body }: Answer): Fault => {
  const code = fieldOf(body, "code");
  const detail = fieldOf(body, "detail");
  const said = typeof detail === "string" && detail !== "" ? detail : `answered with ${status}`;
  return new Fault(isFaultCode(code) ? code : "unavailable", `${what}: ${said}`);
};

const isRetryable = (answer: Answer): boolean =>
  fieldOf(answer.body, "retryable") === true || answer.status >= 500;

const once = async (access: Access, method: string, path: string, body?: unknown): Promise<Answer> => {
  const response = await fetch(`${access.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await access.readKey()}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    signal: AbortSignal.any([access.signal, AbortSignal.timeout(requestTimeoutMs)]),
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
const call = async (access: Access, method: string, path: string, body?: unknown): Promise<Answer> => {
  const what = `${method} ${path}`;
  const until = performance.now() + patienceMs;
  for (let waitMs = retryFirstMs; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
    const answer = await once(access, method, path, body).catch((cause: unknown) => {
      access.signal.throwIfAborted();
      return new Fault("unavailable", `${what}: nobody answers at ${access.url}`, { cause });
    });
    if (!(answer instanceof Fault) && !isRetryable(answer)) return answer;
    if (performance.now() >= until) throw answer instanceof Fault ? answer : faultOf(what, answer);
    await pause(waitMs, access.signal);
    access.signal.throwIfAborted();
  }
};

/** What a recording tells of its reader, as far as another reader can be like it. */
export type Likeness = {
  readonly antennas: readonly Pick<Antenna, "port" | "place" | "role" | "station" | "side">[];
  readonly station?: string;
  readonly rules?: unknown;
};

/** The reader that seems to read. */
export type ReplayReader = {
  /** Resolves when the observations that the events made are in Postgres. */
  readonly push: (events: readonly ReplayedEvent[]) => Promise<void>;
};

/**
 * Finds the reader, or makes one that stands as the recorded one stood.
 *
 * @throws Fault `reader_exists` when it is a real one; whatever Tagwire answers, such as `site_unknown`.
 */
export const openReplayReader = async (
  access: Access,
  { site, id }: { readonly site: string; readonly id: string },
  like: Likeness,
): Promise<ReplayReader> => {
  const readers = `/sites/${encodeURIComponent(site)}/readers`;
  const there = await call(access, "GET", `${readers}/${encodeURIComponent(id)}`);
  if (there.status === 200) {
    const { driver } = there.body as Reader;
    if (driver !== "replay")
      throw new Fault("reader_exists", `${id} is a ${driver} reader, and what it hears is not to be mixed`);
  } else if (fieldOf(there.body, "code") === "reader_unknown") {
    const made = await call(access, "POST", readers, { id, driver: "replay", ...like });
    if (made.status >= 300) throw faultOf(`reader ${id}`, made);
  } else throw faultOf(`reader ${id}`, there);
  return {
    push: async (events) => {
      const answer = await call(
        access,
        "POST",
        `/ingest/${encodeURIComponent(site)}/${encodeURIComponent(id)}`,
        events,
      );
      if (answer.status !== 202) throw faultOf("push", answer);
    },
  };
};
