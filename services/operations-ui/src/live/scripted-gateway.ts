import type { LiveFrame } from "@tagwire/messages";
import type { Socket, World } from "./line.ts";
import { type Live, startLive } from "./live.ts";

type Timer = { atMs: number; run: () => void };

/** The other side of the live client, played by a test: sockets, a clock that only moves when told, and a session. */
export const scriptedGateway = () => {
  const timers = new Set<Timer>();
  const sockets: (Socket & { sent: Record<string, unknown>[]; closed: boolean })[] = [];
  let nowMs = 1_000_000;
  let signedOut = false;

  const world: World = {
    openSocket: () => {
      const socket = {
        sent: [] as Record<string, unknown>[],
        closed: false,
        onopen: null,
        onmessage: null,
        onclose: null,
        send: (text: string) => void socket.sent.push(JSON.parse(text)),
        close: () => {
          socket.closed = true;
        },
      };
      sockets.push(socket);
      return socket;
    },
    nowMs: () => nowMs,
    random: () => 0.5,
    roughClockOffsetMs: () => 0,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    nextFrame: (run) => void timers.add({ atMs: nowMs, run }),
    isSignedOut: async () => signedOut,
  };

  const runDue = (untilMs: number): void => {
    for (;;) {
      const due = [...timers].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      timers.delete(due);
      nowMs = Math.max(nowMs, due.atMs);
      due.run();
    }
    nowMs = untilMs;
  };
  const current = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };

  const live: Live = startLive(world);
  return {
    live,
    sockets,
    /** Moves the clock; everything that is due by then happens, in order. */
    pass: (spanMs: number) => runDue(nowMs + spanMs),
    open: () => {
      current().onopen?.();
      runDue(nowMs);
    },
    say: (...frames: LiveFrame[]) => {
      for (const frame of frames) current().onmessage?.({ data: JSON.stringify(frame) });
    },
    cut: () => current().onclose?.(),
    signOut: () => {
      signedOut = true;
    },
    /** What the client said on the newest socket, of one kind. */
    said: (op: string) => current().sent.filter((request) => request.op === op),
    nowMs: () => nowMs,
  };
};
