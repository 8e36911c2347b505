import assert from "node:assert/strict";
import { answer, type Bus, say } from "@tagwire/bus";
import {
  AskEvents,
  AskFindingRows,
  AskReaders,
  AskRfidproRows,
  AskScreens,
  AskSites,
  AskSnapshot,
  Fault,
  type FindingRow,
  headSubject,
  type LiveChange,
  type LiveDelta,
  type LiveFrame,
  type LiveRequest,
  type LiveRow,
  type LiveView,
  type LoggedEvent,
  liveFrames,
  liveProtocol,
  liveSubject,
  type Reader,
  type RfidproRunRow,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { adminKey } from "../test-gateway.ts";

/** A WebSocket client that keeps what it was told. */
export type LiveClient = {
  readonly frames: LiveFrame[];
  readonly send: (request: LiveRequest | string) => void;
  /** The first frame from `start` on that fits. */
  readonly frame: <O extends LiveFrame["op"]>(
    op: O,
    start?: number,
  ) => Promise<Extract<LiveFrame, { op: O }>>;
  readonly closed: Promise<{ code: number }>;
  readonly close: () => Promise<void>;
};

const isFrame = Compile(Type.Union(Object.values(liveFrames)));

/** A frame as it is declared; another one would be a lie of the description. */
const declared = (frame: LiveFrame): LiveFrame => {
  assert(isFrame.Check(frame), `not as declared: ${JSON.stringify(frame)}`);
  return frame;
};

/** Node's WebSocket takes headers, which a browser's does not. */
type NodeWebSocket = new (
  url: string,
  options: { protocols: string; headers: Record<string, string> },
) => WebSocket;

export const openLive = async (
  url: string,
  headers: Record<string, string> = { authorization: `Bearer ${adminKey}` },
): Promise<LiveClient> => {
  const socket = new (WebSocket as unknown as NodeWebSocket)(`${url.replace("http", "ws")}/api/v1/live`, {
    protocols: liveProtocol,
    headers,
  });
  const frames: LiveFrame[] = [];
  const closed = new Promise<{ code: number }>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve({ code })),
  );
  socket.addEventListener("message", ({ data }) => frames.push(declared(JSON.parse(String(data)))));
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return {
    frames,
    closed,
    send: (request) => socket.send(typeof request === "string" ? request : JSON.stringify(request)),
    frame: <O extends LiveFrame["op"]>(op: O, start = 0) =>
      eventually(`a ${op} frame`, () =>
        frames.slice(start).find((frame): frame is Extract<LiveFrame, { op: O }> => frame.op === op),
      ),
    close: async () => {
      socket.close();
      await closed;
    },
  };
};

/** A view of one site whose owner is the test: it commits rows, answers snapshots and says deltas, or forgets to. */
export type Owner = {
  readonly rows: Map<string, LiveRow>;
  readonly position: { epoch: number; pos: number; generation?: string };
  /** Commits changes under the next position and gives what would be said. */
  readonly commit: (...changes: Change[]) => LiveDelta;
  readonly say: (delta: LiveDelta) => void;
  readonly put: (key: string, row?: Row) => LiveDelta;
  /** The site goes on for so many positions, and nothing of it concerns the view. */
  readonly pass: (positions: number) => void;
  readonly sayHead: () => void;
  /** Whatever is given here runs while a snapshot is being answered. */
  whileReading: (() => void) | undefined;
  snapshots: number;
  /** Pages that were answered. */
  pages: number;
  /** Forgets every row, to make them anew as another generation from the first position on. */
  readonly rebuild: (generation: string) => void;
  readonly stop: () => Promise<void>;
};

type Row = Record<string, unknown>;
type ScreenRow = Static<typeof AskScreens.answer>["rows"][number];
type Change = { key: string; row?: Row };

export const ownView = (bus: Bus, view: LiveView, site = "north", pageRows = 1_000): Owner => {
  const rows = new Map<string, LiveRow>();
  const position: Owner["position"] = {
    ...{ epoch: 1, pos: 0 },
    ...(view === "screens" ? { generation: "first" } : {}),
  };
  const events: LoggedEvent[] = [];
  let prev = 0;

  const owner: Owner = {
    rows,
    position,
    whileReading: undefined,
    snapshots: 0,
    pages: 0,
    commit: (...changes) => {
      position.pos += 1;
      const { epoch, pos, generation } = position;
      const said = changes.map(({ key, row }): LiveChange => {
        if (row === undefined) rows.delete(key);
        else rows.set(key, { ...row, key, version: pos });
        return row === undefined ? { key, version: pos, del: true } : { key, version: pos, put: row };
      });
      const recordedAt = new Date().toISOString();
      for (const { row } of changes)
        events.push({ epoch, pos, recordedAt, ...row } as unknown as LoggedEvent);
      const build = generation === undefined ? { epoch } : { epoch, generation };
      const delta = { site, ...build, prev, pos, at: new Date().toISOString(), traces: [], changes: said };
      prev = pos;
      return delta;
    },
    say: (delta) => say(bus, liveSubject(site, view), delta),
    put: (key, row = {}) => {
      const delta = owner.commit({ key, row });
      owner.say(delta);
      return delta;
    },
    pass: (positions) => {
      position.pos += positions;
    },
    rebuild: (generation) => {
      rows.clear();
      position.pos = 0;
      position.generation = generation;
      prev = 0;
    },
    sayHead: () =>
      say(bus, headSubject(site), {
        epoch: position.epoch,
        pos: position.pos,
        hash: "",
        at: new Date().toISOString(),
      }),
    stop: async () => {
      await Promise.all(answering.map((one) => one.stop()));
    },
  };

  const answering = [
    answer(bus, AskSites, async () => ({
      sites: [
        {
          id: site,
          name: site,
          timeZone: "UTC",
          stage: "parallel" as const,
          createdAt: new Date().toISOString(),
          epoch: position.epoch,
          pos: position.pos,
        },
      ],
    })),
    answer(bus, AskSnapshot, async ({ site: asked, view: askedView, cursor }) => {
      if (asked !== site || askedView !== view)
        return { known: false, epoch: 0, pos: 0, rows: [], next: null };
      owner.snapshots += cursor === null ? 1 : 0;
      owner.pages += 1;
      const keys = [...rows.keys()].sort().filter((key) => cursor === null || key > cursor);
      const page = keys.slice(0, pageRows).flatMap((key) => rows.get(key) ?? []);
      const next = keys.length > pageRows ? (page.at(-1)?.key ?? null) : null;
      const read = { known: true, ...position, rows: page, next };
      owner.whileReading?.();
      return read;
    }),
    ...(view === "readers"
      ? [
          answer(bus, AskReaders, async () => ({
            ...position,
            // What a reader's row says otherwise does not matter to how it is told.
            readers: [...rows.values()].map((row) => ({ ...row, id: row.key })) as unknown as Reader[],
          })),
        ]
      : []),
    ...(view === "findings"
      ? [
          answer(bus, AskFindingRows, async () => ({
            ...{ ...position, next: null },
            rows: [...rows.values()].map((row) => ({ ...row, id: row.key })) as unknown as FindingRow[],
          })),
        ]
      : []),
    ...(view === "rfidpro"
      ? [
          answer(bus, AskRfidproRows, async () => ({
            ...position,
            rows: [...rows.values()] as unknown as RfidproRunRow[],
          })),
        ]
      : []),
    ...(view === "screens"
      ? [
          answer(bus, AskScreens, async () => ({
            ...{ ...position, generation: position.generation ?? "" },
            rows: [...rows.values()] as unknown as ScreenRow[],
          })),
        ]
      : []),
    answer(bus, AskEvents, async ({ epoch, after, limit }) => {
      if (epoch !== position.epoch) throw new Fault("epoch_unknown", "");
      const found = events.filter(({ pos }) => pos > after).slice(0, limit);
      return { epoch, head: position.pos, events: found };
    }),
  ];
  return owner;
};
