import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { Fault } from "@tagwire/messages";
import { lineLengthMax } from "@tagwire/reader-lines";
import { afterEach, expect, test } from "vitest";
import { mercuryFraming } from "../mercury/frames.ts";
import { uhfFraming } from "../uhf/frames.ts";
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
