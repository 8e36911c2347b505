import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { seededRandom } from "@tagwire/emulators";
import { encodeMessage, message } from "@tagwire/llrp";
import type { DriverName } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { drivers } from "../drivers/catalogue.ts";
import { stopLater } from "../drivers/test-driver.ts";
import { epcs, reader } from "../drivers/test-llrp.ts";
import { lifeOf } from "./test-life.ts";

/* Readers that do their worst, in one process with one that does its work: what that one says is all counted, over one connection. */

const random = seededRandom(5);
const chunkBytes = 64 * 1_024;
/** How much garbage each has to have swallowed before it counts as endless. */
const garbageBytesMin = 1_024 * 1_024;
const comingsMin = 5;
const goodReadsMin = 80;

type Metal = {
  readonly address: string;
  readonly connections: () => number;
  readonly sentBytes: () => number;
};

/** Something that listens where a reader should be. `speak` says what it has to say to whoever connects. */
const metal = async (speak: (socket: Socket, sent: (bytes: number) => void) => void): Promise<Metal> => {
  const sockets = new Set<Socket>();
  let connections = 0;
  let sentBytes = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.resume();
    speak(socket, (bytes) => {
      sentBytes += bytes;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stopLater(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    connections: () => connections,
    sentBytes: () => sentBytes,
  };
};

const chunk = Uint8Array.from({ length: chunkBytes }, () => random.whole(0, 255));

/** As much garbage as is taken, without end. */
const garbage = () =>
  metal((socket, sent) => {
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk)) sent(chunkBytes);
    };
    socket.on("drain", pour);
    pour();
  });

const silence = () => metal(() => {});

/** The first half of a frame, whose length promises the rest, and then the end. */
const halfFrame = encodeMessage(message({ version: 1, id: 1 }, "KEEPALIVE", { fields: {} })).subarray(0, 7);
const halves = () => metal((socket) => socket.end(halfFrame));

/** Tags that lie before two antennas until somebody takes them away, and how often they were heard. */
const lyingTags = () => {
  let isCleared = false;
  let seen = 0;
  return {
    sees: (antenna: number) => {
      if (isCleared || antenna > 2) return [];
      seen += epcs.length;
      return epcs.map((epc) => ({ epc, rssiDbm: -50 }));
    },
    clear: () => {
      isCleared = true;
    },
    seen: () => seen,
  };
};

const begin = async (driver: DriverName, address: string) => {
  const { life } = lifeOf(drivers);
  stopLater(life.stop);
  await life.apply({ driver, address, antennas: [], station: null });
  life.start();
  return life;
};

const noisyDrivers = ["llrp", "uhf288", "tsl", "lines"] as const;

test("endless garbage, half frames and silence beside it cost a reader no read and no connection", async () => {
  const poured = await Promise.all(
    noisyDrivers.map(async (driver) => {
      const noisy = await garbage();
      return { noisy, life: await begin(driver, noisy.address) };
    }),
  );
  const [mute, torn] = await Promise.all([silence(), halves()]);
  const muted = await begin("llrp", mute.address);
  const cut = await begin("llrp", torn.address);

  const world = lyingTags();
  const emulated = await reader({ world });
  const good = await begin("llrp", emulated.address);

  await eventually("the bad ones do their worst while the good one reads", () => {
    const isPoured = poured.every(
      ({ noisy, life }) =>
        noisy.sentBytes() > garbageBytesMin &&
        life.view(0).faults?.some(({ code }) => code === "reader.garbled"),
    );
    const isHalved = torn.connections() >= comingsMin && mute.connections() > 0;
    return isPoured && isHalved && good.view(0).counts.reads > goodReadsMin;
  });
  world.clear();
  await eventually("every read of it is counted", () => good.view(0).counts.reads >= world.seen());

  const reads = world.seen();
  expect(good.view(0)).toMatchObject({ status: "inventory", faults: [], counts: { reads, malformed: 0 } });
  expect(good.connections()).toBe(1);
  expect(emulated.stats().connections).toBe(1);
  expect(cut.view(0).faults?.map(({ code }) => code)).toEqual(["reader.garbled"]);
  expect(muted.view(0).counts.reads).toBe(0);
});
