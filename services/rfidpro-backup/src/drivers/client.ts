import { Fault, type RfidproDataset } from "@tagwire/messages";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { messageOf, type Page, parseAnswer, readPage } from "./envelope.ts";
import type { Pace } from "./pace.ts";
import type { RfidproLimits } from "./settings.ts";
import type { Answer, Transport } from "./transport.ts";
import { ComeLater, withTries } from "./tries.ts";

export type Filter = {
  readonly field: string;
  readonly operator: "gt" | "lt" | "eq";
  readonly value: string;
};
export type Sort = { readonly field: string; readonly direction: "asc" | "desc" };

export type Asked = {
  readonly offset: number;
  readonly limit: number;
  readonly filters?: readonly Filter[];
  readonly sorts?: readonly Sort[];
};
export type Read = Page & {
  /** The text of the answer, as it came. */
  readonly body: string;
  readonly receivedAtMs: number;
  readonly serverMs: number | null;
};
export type Asking = {
  readonly signal: AbortSignal;
  /** Told of every request that goes out. */
  readonly asks: () => void;
  /** How often it is asked at most; as many as the limits say unless told. */
  readonly triesMax?: number;
};

export type Client = {
  /** @throws Fault of the old system's codes, after as many tries as are worth it */
  readonly read: (dataset: RfidproDataset, asked: Asked, asking: Asking) => Promise<Read>;
};

/** A token goes into a header, so it must be able to stand there. */
const login = Compile(
  Type.Object({
    result: Type.Literal(true),
    access_token: Type.String({ pattern: "^[\\x21-\\x7e]{1,8192}$" }),
  }),
);

const parametersOf = ({ offset, limit, filters = [], sorts = [] }: Asked): URLSearchParams => {
  const parameters = new URLSearchParams();
  for (const { field, operator, value } of filters)
    parameters.append(`filter[${operator}]`, `${field},${operator},'${value}'`);
  for (const { field, direction } of sorts) parameters.append("sort[]", `${field},${direction}`);
  parameters.append("offset", String(offset));
  parameters.append("limit", String(limit));
  parameters.append("returncount", "true");
  return parameters;
};

/** What any answer may be besides what was asked for. */
const refuseOthers = ({ status, text, retryAfterMs }: Answer): void => {
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400) throw new Fault("rfidpro.redirected", `status ${status}`);
  const words = messageOf(text);
  const detail = words === "" ? `status ${status}` : `status ${status}, ${words}`;
  if (status === 429 || status === 503) {
    if (retryAfterMs !== null) throw new ComeLater(retryAfterMs);
    throw new Fault("rfidpro.busy", detail);
  }
  throw new Fault(status >= 500 || status === 408 ? "rfidpro.error" : "rfidpro.refused", detail);
};

const tokenOf = (answer: Answer): string => {
  if (answer.status === 401 || answer.status === 403)
    throw new Fault("rfidpro.login", `status ${answer.status}`);
  refuseOthers(answer);
  const said = parseAnswer(answer.text);
  if (login.Check(said)) return said.access_token;
  if ((said as { result?: unknown } | null)?.result === false)
    throw new Fault("rfidpro.login", "it says that user name and password do not fit");
  throw new Fault("rfidpro.garbled", "an answer to the login that has no token");
};

export type ClientOptions = {
  readonly transport: Transport;
  readonly pace: Pace;
  readonly limits: RfidproLimits;
  readonly now: () => number;
};

/** Asks RFIDpro for rows: with a token that is renewed before its end, at the pace that is allowed, and again where that helps. */
export const openClient = ({ transport, pace, limits, now }: ClientOptions): Client => {
  let token: { readonly text: string; readonly untilMs: number } | undefined;

  const freshToken = async ({ signal, asks }: Asking): Promise<string> => {
    if (token !== undefined && now() < token.untilMs) return token.text;
    // Reckoned from before the question, so that a slow answer makes it end earlier and not later.
    const askedAtMs = now();
    asks();
    const text = tokenOf(await pace(signal, () => transport.login(signal)));
    token = { text, untilMs: askedAtMs + limits.tokenLifeMs - limits.tokenRenewMs };
    return text;
  };
  const get = async (dataset: RfidproDataset, asked: Asked, asking: Asking): Promise<Answer> => {
    const { signal, asks } = asking;
    const own = await freshToken(asking);
    asks();
    return pace(signal, () => transport.get(dataset, parametersOf(asked), { token: own, signal }));
  };
  const readOnce = async (dataset: RfidproDataset, asked: Asked, asking: Asking): Promise<Read> => {
    let answer = await get(dataset, asked, asking);
    if (answer.status === 401) {
      token = undefined;
      answer = await get(dataset, asked, asking);
      if (answer.status === 401) throw new Fault("rfidpro.unauthorized", `data set ${dataset}`);
    }
    refuseOthers(answer);
    const page = readPage(answer.text, asked, limits);
    return { ...page, body: answer.text, receivedAtMs: now(), serverMs: answer.serverMs };
  };

  return {
    read: (dataset, asked, asking) =>
      withTries(() => readOnce(dataset, asked, asking), {
        limits,
        signal: asking.signal,
        triesMax: asking.triesMax ?? limits.triesMax,
      }),
  };
};
