import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerRows, answerWrite, type Honoured, type RfidproAnswer, saying } from "./rfidpro/answers.ts";
import { makeRfidproData, type RfidproDataOptions, timeZoneByDefault } from "./rfidpro/data.ts";
import { createFaultQueue, type FaultAct, type FaultQueue } from "./rfidpro/faults.ts";
import { Holdings } from "./rfidpro/holdings.ts";
import { QuestionRefused, readQuestion } from "./rfidpro/questions.ts";
import type { RfidproData, RfidproRow, RfidproSet } from "./rfidpro/rows.ts";
import { readBody, send } from "./rfidpro/sending.ts";
import { createTokens, tokenLifeMs } from "./rfidpro/tokens.ts";

export type RfidproOptions = Partial<Omit<RfidproDataOptions, "endMs">> & {
  /** Any free one unless it is named. */
  readonly port?: number;
  /** What it holds, where that is not to be made up from the seed. */
  readonly data?: RfidproData;
  /** The ids of its data sets, which are those of the account. */
  readonly datasets?: Readonly<Record<RfidproSet, string>>;
  /** What time it is, Unix ms; the real time unless told. It stands still unless it is advanced when it is given as a number. */
  readonly clock?: (() => number) | number;
  readonly username?: string;
  readonly password?: string;
  /** How long a token is worth something, in ms. */
  readonly tokenLifeMs?: number;
  readonly honours?: Partial<Honoured>;
  /** Rows stand in no order where none is asked for, as in the real one; true unless told. */
  readonly isUnsorted?: boolean;
  /** Rows stand in another order whenever rows have arrived; false unless told. */
  readonly movesOnArrival?: boolean;
  /** A scan that is uploaded later says in the master what became of its item; false unless told. */
  readonly masterFollows?: boolean;
  /** How many uploads it holds at most: those that are there first stay; 100,000 unless told. */
  readonly uploadsMax?: number;
};

export type RfidproRequest = { readonly method: string; readonly path: string; readonly query: string };
export type RfidproWrite = RfidproRequest & { readonly body: unknown };

export type RfidproControl = {
  /** What goes wrong from now on. */
  readonly faults: FaultQueue;
  /** Only where the clock is one that stands still. */
  readonly advance: (ms: number) => void;
  readonly nowMs: () => number;
  /** Rows that come then. Gives how many of them there was room for. */
  readonly upload: Holdings["upload"];
  readonly change: Holdings["change"];
  /** It holds this from now on, and nothing of what it held. */
  readonly hold: Holdings["hold"];
  /** Puts rows into another order. */
  readonly move: () => void;
  readonly honours: (honours: Partial<Honoured>) => void;
  /** Every token that was given is worth nothing any more. */
  readonly forgetTokens: () => void;
};

export type Rfidpro = {
  /** The part before `/api/v1/login`. */
  readonly loginUrl: string;
  /** The part before `/api/v1/data/…`. */
  readonly dataUrl: string;
  readonly username: string;
  readonly password: string;
  readonly datasets: Readonly<Record<RfidproSet, string>>;
  readonly timeZone: string;
  /** What it holds now. */
  readonly rows: (set: RfidproSet) => readonly RfidproRow[];
  /** How many rows come later than now. */
  readonly coming: () => number;
  readonly control: RfidproControl;
  /** What was asked of it, in order. */
  readonly requests: () => readonly RfidproRequest[];
  /** Whatever would have changed something: there should never be any. */
  readonly writes: () => readonly RfidproWrite[];
  readonly stop: () => Promise<void>;
};

const requestsKeptMax = 100_000;
/** Rows are held whole, at about half a kilobyte each: this is four times what the real one has. */
const uploadsMaxByDefault = 100_000;
const loginPath = "/api/v1/login";
const dataPath = "/api/v1/data/";
const datasetsByDefault = {
  classes: "ds-seed-100",
  items: "ds-item-200",
  transactions: "ds-tran-300",
} as const;
/** The clock, and how it is put forward where it is ours. */
const clockOf = (clock: RfidproOptions["clock"]) => {
  if (typeof clock === "function") return { nowMs: clock, advance: () => undefined };
  if (clock === undefined) return { nowMs: Date.now, advance: () => undefined };
  let nowMs = clock;
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return { nowMs: () => nowMs, advance };
};

const isSame = (body: unknown, username: string, password: string): boolean => {
  const login = body as { username?: unknown; password?: unknown } | null | undefined;
  return login?.username === username && login.password === password;
};

/**
 * Starts a RFIDpro on a real socket: the paths, shapes and quirks of the real one, rows made up from a seed (or given), and faults on
 * demand. It takes writes as the real one does, and keeps account of them, so that one that should never have come is seen.
 */
export const startRfidpro = async (options: RfidproOptions = {}): Promise<Rfidpro> => {
  const { seed = 1, username = "reader", password = "reader-password" } = options;
  const { nowMs, advance } = clockOf(options.clock);
  const datasets = options.datasets ?? datasetsByDefault;
  const setOfId = new Map<string, RfidproSet>(
    Object.entries(datasets).map(([set, id]) => [id, set as RfidproSet]),
  );
  const timeZone = options.timeZone ?? timeZoneByDefault;
  const data = options.data ?? makeRfidproData({ ...options, seed, timeZone, endMs: nowMs() });
  const holdings = new Holdings({
    ...{ data, seed, nowMs },
    isUnsorted: options.isUnsorted ?? true,
    movesOnArrival: options.movesOnArrival ?? false,
    masterFollows: options.masterFollows ?? false,
    uploadsMax: options.uploadsMax ?? uploadsMaxByDefault,
  });
  const tokens = createTokens(seed, options.tokenLifeMs ?? tokenLifeMs);
  const faults = createFaultQueue();
  let honours: Honoured = { filter: "honoured", sort: "honoured", ...options.honours };
  const requests: RfidproRequest[] = [];
  const writes: RfidproWrite[] = [];

  const login = (body: unknown): RfidproAnswer =>
    isSame(body, username, password)
      ? { status: 200, body: { result: true, access_token: tokens.give(nowMs()), code: 0, useruuid: "" } }
      : { status: 200, body: { result: false, access_token: "", code: 1 } };

  const prepare = (fault: FaultAct | undefined): void => {
    if (fault?.act === "unauthorized") tokens.forget();
    if (fault?.act === "move") holdings.move();
    if (fault?.act === "arrive") holdings.upload(fault.rows.map((row) => ({ arrivesAtMs: nowMs(), row })));
  };
  const readRows = (set: RfidproSet, parameters: URLSearchParams, fault: FaultAct | undefined) => {
    try {
      return answerRows(set, readQuestion(parameters), { holdings, honours, fault });
    } catch (error) {
      if (error instanceof QuestionRefused) return saying(500, error.message);
      throw error;
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "/" } = request;
    const { pathname, search, searchParams } = new URL(url, "http://127.0.0.1");
    const asked = { method, path: pathname, query: search };
    if (requests.length < requestsKeptMax) requests.push(asked);
    const set = setOfId.get(pathname.startsWith(dataPath) ? pathname.slice(dataPath.length) : "");
    const body = method === "GET" ? undefined : await readBody(request);
    const isLogin = pathname === loginPath && method === "POST";
    if (!isLogin && method !== "GET" && method !== "HEAD") writes.push({ ...asked, body });
    const fault = faults.next(isLogin ? "login" : set, Number(searchParams.get("offset") ?? 0));
    prepare(fault);
    const told = (): RfidproAnswer => {
      if (fault?.act === "status") return saying(fault.status, "something went wrong");
      if (isLogin) return login(body);
      if (set === undefined) return saying(404, "no such data set");
      if (!tokens.isGood(request.headers.authorization, nowMs())) return saying(401, "token expired");
      if (method === "GET") return readRows(set, searchParams, fault);
      if (method === "POST" || method === "PUT" || method === "PATCH")
        return answerWrite(set, body, holdings);
      return saying(405, "method not allowed");
    };
    if (fault?.act === "redirect") response.setHeader("location", fault.to);
    if (fault?.act === "status" && fault.retryAfterSeconds !== undefined)
      response.setHeader("retry-after", String(fault.retryAfterSeconds));
    const { status, body: words } = told();
    await send(
      response,
      { status: fault?.act === "redirect" ? 307 : status, body: words, atMs: nowMs() },
      fault,
    );
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    ...{ loginUrl: address, dataUrl: address, username, password, datasets, timeZone },
    rows: (set) => holdings.rows(set),
    coming: () => holdings.coming(),
    control: {
      ...{ faults, advance, nowMs },
      upload: (uploads) => holdings.upload(uploads),
      change: (set, change) => holdings.change(set, change),
      hold: (data) => holdings.hold(data),
      move: () => holdings.move(),
      honours: (change) => {
        honours = { ...honours, ...change };
      },
      forgetTokens: tokens.forget,
    },
    requests: () => requests,
    writes: () => writes,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
};
