import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { Fault } from "@tagwire/messages";
import { lineLengthMax } from "@tagwire/reader-lines";
import { afterEach, describe, expect, test } from "vitest";
import { linesDriver } from "../lines.ts";
import { mercuryFraming } from "../mercury/frames.ts";
import { runDriver } from "../test-driver.ts";
import { tslDriver } from "../tsl.ts";
import { uhfFraming } from "../uhf/frames.ts";
import { uhf18Driver } from "../uhf.ts";
import type { Framing } from "./frame-search.ts";
import { garbageBytesMax, Line } from "./line.ts";
import { tcpPort } from "./port.ts";
import { textLines } from "./text-lines.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Somebody at a socket who says what the test says. */
const talker = async (talk: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    talk(socket);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  ends.push(
    () =>
      new Promise<void>((closed) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => closed());
      }),
  );
  return (server.address() as AddressInfo).port;
};

const limits = { answerTimeoutMs: 5_000, halfFrameMs: 5_000 };

const open = async <Frame>(port: number, framing: Framing<Frame>, frame: (frame: Frame) => void) => {
  let skippedTold = 0;
  const line = await Line.open(tcpPort({ host: "127.0.0.1", port }), {
    framing,
    limits,
    malformed: () => {
      skippedTold += 1;
    },
    frame,
  });
  ends.push(() => line.close());
  return { line, skippedTold: () => skippedTold };
};

describe("an abort while a connection is opened", () => {
  test("gives it up", async () => {
    const port = await talker(() => {});
    const controller = new AbortController();
    const host = { data: () => {}, ended: () => {} };
    const opening = tcpPort({ host: "127.0.0.1", port })(host, controller.signal);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: "reader.unreachable" });
    const late = tcpPort({ host: "127.0.0.1", port })(host, AbortSignal.abort());
    await expect(late).rejects.toMatchObject({ code: "reader.unreachable" });
  });

  test.each([
    ["uhf18", uhf18Driver],
    ["tsl", tslDriver],
    ["lines", linesDriver],
  ])("ends the driver %s, and nothing is asked", async (_name, driver) => {
    const port = await talker(() => {});
    const { host, abort, done } = runDriver(driver, { address: `127.0.0.1:${port}` });
    abort();
    await done;
    expect(host.phases).toEqual(["connecting"]);
  });

  test("lets go of what was opened all the same", async () => {
    let isClosed = false;
    const opened = {
      write: () => {},
      close: async () => {
        isClosed = true;
      },
    };
    const controller = new AbortController();
    const opening = Line.openUnlessAborted(
      async () => opened,
      { framing: textLines, limits, malformed: () => {}, frame: () => {} },
      controller.signal,
    );
    controller.abort();
    expect([await opening, isClosed]).toEqual([undefined, true]);
  });
});

test.each([
  { what: "of a UHFReader", framing: uhfFraming as Framing<unknown>, byte: 0xee },
  { what: "of a Mercury module", framing: mercuryFraming as Framing<unknown>, byte: 0xff },
  { what: "of a line reader", framing: textLines as Framing<unknown>, byte: 0x41 },
])("a line $what that floods with garbage is let go by name", async ({ framing, byte }) => {
  const port = await talker((socket) => {
    const flood = (): void => {
      if (socket.destroyed) return;
      if (socket.write(Buffer.alloc(lineLengthMax, byte))) setImmediate(flood);
      else socket.once("drain", flood);
    };
    flood();
  });
  const { line, skippedTold } = await open(port, framing, () => expect.unreachable());
  const fault = await line.ended.catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ code: "reader.garbled" });
  expect(skippedTold()).toBeLessThanOrEqual(1 + garbageBytesMax / 1_024);
});

test("garbage between frames is never too much, since it is counted from the last", async () => {
  const good = Buffer.from("tag\n");
  const noise = Buffer.alloc(garbageBytesMax / 2, 0);
  const port = await talker((socket) => {
    for (let at = 0; at < 4; at += 1) socket.write(Buffer.concat([noise, good]));
  });
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const { line } = await open(port, textLines, (text) => {
    heard.push(text);
    if (heard.length === 4) resolve();
  });
  await promise;
  expect(heard).toEqual(["tag", "tag", "tag", "tag"]);
  expect(line.hasEnded).toBe(false);
});

test("a question put while another waits takes its place, and the end of the line answers both", async () => {
  const port = await talker(() => {});
  const { line } = await open(port, textLines, () => {});
  const question = { name: "who", bytes: Buffer.from("who\n"), judge: () => "other" as const };
  const first = line.ask(question).catch((error: unknown) => error);
  const second = line.ask(question).catch((error: unknown) => error);
  expect(await first).toMatchObject({ code: "reader.error" });
  await line.close();
  expect(await second).toMatchObject({ code: "reader.closed" });
  await expect(line.ask(question)).rejects.toMatchObject({ code: "reader.closed" });
});
