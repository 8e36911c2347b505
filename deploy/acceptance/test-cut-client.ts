import type { LiveFrame, LiveRequest, LiveView } from "@tagwire/messages";
import { liveProtocol } from "@tagwire/messages";
import { GiveUp, holdRows, openCable, type Stack } from "@tagwire/testing";
import WebSocket from "ws";

type Filter = Readonly<Record<string, string>>;
type Reset = Extract<LiveFrame, { op: "reset" }>;

/** What a gateway says that means nothing of what is held holds any more. */
const forgetful: ReadonlySet<Reset["reason"]> = new Set(["epoch", "too_old", "auth"]);

const openSocket = async (url: string, key: string, take: (frame: LiveFrame) => void) => {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/v1/live`, [liveProtocol], {
    headers: { authorization: `Bearer ${key}` },
  });
  socket.on("message", (data) => take(JSON.parse(String(data)) as LiveFrame));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  // A cut cable is an error of the socket, too; that it closes is what matters.
  socket.on("error", () => {});
  return { send: (request: LiveRequest) => socket.send(JSON.stringify(request)), closed };
};

/**
 * A client of one view whose cable can be cut, and which comes back with the position that it holds. It throws what is against the protocol
 * when it is asked how it stands. Told to wait, as by a stack under load, it asks again from where it is; told to forget, it counts that.
 */
export const openCutClient = async (
  { http, key }: Pick<Stack, "http" | "key">,
  site: string,
  view: LiveView,
  filter?: Filter,
) => {
  const cable = await openCable(http);
  const { held, receive } = holdRows();
  /** Every key that was told of after the snapshot, in the order in which that was. */
  const seen: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let frames = 0;
  let forgotten = 0;
  let wrong: unknown;
  let socket: Awaited<ReturnType<typeof openSocket>>;

  const ask = () => {
    const { epoch, pos, generation, snapshots } = held;
    const from = snapshots === 0 ? {} : { from: `${epoch}:${pos}` };
    socket.send({
      ...{ op: "sub", id: "a", site, view, ...from },
      ...(filter === undefined ? {} : { filter }),
      ...(snapshots === 0 || generation === undefined ? {} : { generation }),
    });
  };
  const take = (frame: LiveFrame) => {
    if (frame.op === "error") wrong ??= new Error(JSON.stringify(frame));
    if (frame.op === "reset") {
      if (forgetful.has(frame.reason)) forgotten += 1;
      const own = socket;
      timers.add(setTimeout(() => socket === own && ask(), frame.retryMs));
    }
    if (frame.op === "delta") {
      frames += 1;
      seen.push(...frame.changes.map(({ key: changed }) => changed));
    }
    try {
      receive(frame);
    } catch (error) {
      wrong ??= error;
    }
  };
  const connect = async () => {
    socket = await openSocket(cable.url, key, take);
    ask();
  };
  await connect();
  return {
    view,
    held,
    seen,
    frames: () => frames,
    /** How often it was told that what it holds is worth nothing. */
    forgotten: () => forgotten,
    /** @throws GiveUp when something came that should not have */
    check: () => {
      if (wrong !== undefined) throw new GiveUp(`against the protocol: ${String(wrong)}`, { cause: wrong });
    },
    cut: async () => {
      const { closed } = socket;
      cable.cut();
      await closed;
      await connect();
    },
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearTimeout(timer);
      cable.cut();
      await socket.closed;
      cable.close();
    },
  };
};
export type CutClient = Awaited<ReturnType<typeof openCutClient>>;
