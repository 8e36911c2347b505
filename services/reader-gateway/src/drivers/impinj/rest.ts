import { Fault } from "@tagwire/messages";
import type { ReaderLogin } from "../driver.ts";
import { faultOfAnswer, faultOfRequest } from "./failures.ts";
import type { ImpinjLimits } from "./limits.ts";

type Method = "GET" | "PUT" | "POST";

export type RestOptions = {
  readonly base: URL;
  readonly login: ReaderLogin | undefined;
  readonly limits: ImpinjLimits;
};

export type Asked = {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Statuses that are an answer besides 2xx. */
  readonly accept?: readonly number[];
};

export type Answered = { readonly status: number; readonly body: unknown };

/** The REST part of a reader's IoT device interface, question by question. */
export type Rest = {
  /** @throws Fault by what the reader answered, or did not. */
  readonly ask: (method: Method, path: string, asked?: Asked) => Promise<Answered>;
  /** The events from now on, and those that the reader kept. Ends with the connection. */
  readonly stream: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
};

const authorization = (login: ReaderLogin | undefined): Record<string, string> => {
  if (login === undefined) return {};
  const pair = Buffer.from(`${login.username}:${login.password}`, "utf8").toString("base64");
  return { authorization: `Basic ${pair}` };
};

/** Reads an answer as far as its bound. */
const textOf = async (response: Response, bytesMax: number): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new Fault("reader.garbled", `an answer of more than ${bytesMax} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
};

const parsed = (text: string): unknown => {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const openRest = ({ base, login, limits }: RestOptions): Rest => {
  const send = async (method: Method, path: string, { body, signal }: Asked): Promise<Response> =>
    fetch(new URL(path, base), {
      method,
      // The login is for this reader alone: it never goes along to where an answer leads.
      redirect: "manual",
      headers: {
        accept: "application/json",
        ...authorization(login),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });

  return {
    ask: async (method, path, asked = {}) => {
      const late = AbortSignal.timeout(asked.timeoutMs ?? limits.answerTimeoutMs);
      const signal = asked.signal === undefined ? late : AbortSignal.any([asked.signal, late]);
      try {
        const response = await send(method, path, { ...asked, signal });
        const body = parsed(await textOf(response, limits.answerBytesMax));
        if (response.ok || asked.accept?.includes(response.status) === true)
          return { status: response.status, body };
        throw faultOfAnswer(`${method} ${path}`, response.status, body);
      } catch (error) {
        throw faultOfRequest(error);
      }
    },
    stream: async (signal) => {
      try {
        const response = await send("GET", "data/stream", { signal });
        if (response.status === 200 && response.body !== null) return response.body;
        throw faultOfAnswer(
          "GET data/stream",
          response.status,
          parsed(await textOf(response, limits.answerBytesMax)),
        );
      } catch (error) {
        throw faultOfRequest(error);
      }
    },
  };
};
