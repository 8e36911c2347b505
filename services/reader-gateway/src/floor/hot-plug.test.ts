import { mkdtemp, rm, symlink, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  startLineReader,
  startM100Reader,
  startMercuryReader,
  startTslReader,
  startUhfReader,
  type TagSource,
} from "@tagwire/emulators";
import type { DriverName } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterEach, expect, test } from "vitest";
import { drivers } from "../drivers/catalogue.ts";
import { lifeOf } from "./test-life.ts";

const epc = "3034257BF7194E4000001A85";
const world: TagSource = { sees: () => [{ epc, rssiDbm: -50 }] };

type Metal = { readonly path: string; readonly stop: () => Promise<void> };
const at = ({ address, stop }: { readonly address: string; readonly stop: () => Promise<void> }): Metal => ({
  path: address,
  stop,
});

const families: readonly { readonly driver: DriverName; readonly plugIn: () => Promise<Metal> }[] = [
  { driver: "mercury", plugIn: () => startMercuryReader({ world, antennas: [1] }) },
  { driver: "m100", plugIn: () => startM100Reader({ world, antenna: 1 }) },
  { driver: "uhf18", plugIn: async () => at(await startUhfReader({ family: 18, world, antennas: [1] })) },
  { driver: "uhf288", plugIn: async () => at(await startUhfReader({ family: 288, world, antennas: [1] })) },
  { driver: "tsl", plugIn: async () => at(await startTslReader({ world, antenna: 1 })) },
  {
    driver: "lines",
    plugIn: async () => at(await startLineReader({ world, antennas: [1], format: "hex" })),
  },
];

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test.each(families)(
  "a $driver that is unplugged and plugged in again is read again by itself",
  async ({ driver, plugIn }) => {
    const folder = await mkdtemp(join(tmpdir(), "tagwire-usb-"));
    ends.push(() => rm(folder, { recursive: true }));
    // The system gives a USB device its name when it comes, and takes it away when it goes.
    const address = join(folder, "ttyUSB0");
    const first = await plugIn();
    await symlink(first.path, address);
    const { life, kept } = lifeOf(drivers);
    ends.push(life.stop);
    await life.apply({ driver, address, antennas: [{ port: 1 }], station: null });
    life.start();
    await eventually("it reads", () => kept.some(({ tag }) => tag === epc));

    await unlink(address);
    await first.stop();
    const lost = await eventually("the loss is told", () => {
      const { status, fault } = life.view(0);
      return status === "backoff" && fault?.code === "reader.unreachable" ? fault : undefined;
    });
    expect(lost.advice).not.toBe("");

    const { reads } = life.view(0).counts;
    const second = await plugIn();
    ends.push(second.stop);
    await symlink(second.path, address);
    await eventually(
      "it reads again",
      () => life.phase() === "inventory" && life.view(0).counts.reads > reads,
    );
  },
);
