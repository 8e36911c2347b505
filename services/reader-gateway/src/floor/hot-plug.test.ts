import { mkdtemp, rm, symlink, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TagSource } from "@tagwire/emulators";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { drivers } from "../drivers/catalogue.ts";
import { during, isStopped, stopLater } from "../drivers/test-driver.ts";
import { lifeOf } from "./test-life.ts";
import { epc, serialFamilies } from "./test-serial.ts";

/** The system gives a USB device its name when it comes, and takes it away when it goes. */
const deviceFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-usb-"));
  stopLater(() => rm(folder, { recursive: true }));
  return (name: string) => join(folder, name);
};

test.each(serialFamilies)(
  "a $driver that is unplugged and plugged in again is read again by itself",
  async ({ driver, plugIn }) => {
    const named = await deviceFolder();
    const address = named("ttyUSB0");
    const first = await during(plugIn());
    await symlink(first.address, address);
    const { life, kept } = lifeOf(drivers);
    stopLater(life.stop);
    await life.apply({ driver, address, antennas: [{ port: 1 }], station: null });
    life.start();
    await eventually("it reads", () => kept.some(({ tag }) => tag === epc));

    await unlink(address);
    await first.stop();
    isStopped(first);
    const lost = await eventually("the loss is told", () => {
      const { status, fault } = life.view(0);
      return status === "backoff" && fault?.code === "reader.unreachable" ? fault : undefined;
    });
    expect(lost.advice).toContain("plugged in");
    expect(lost.advice).not.toContain("network");

    const { reads } = life.view(0).counts;
    const second = await during(plugIn());
    await symlink(second.address, address);
    await eventually(
      "it reads again",
      () => life.phase() === "inventory" && life.view(0).counts.reads > reads,
    );
  },
);

test.each(serialFamilies)(
  "a $driver that comes back under another name is found by its id, and whoever has its old name is left alone",
  async ({ driver, plugIn }) => {
    const named = await deviceFolder();
    const ours = await during(plugIn());
    await symlink(ours.address, named("ttyUSB0"));
    const address = named("usb-Silicon_Labs_0001-if00-port0");
    await symlink(named("ttyUSB0"), address);
    const { life, kept } = lifeOf(drivers);
    stopLater(life.stop);
    await life.apply({ driver, address, antennas: [{ port: 1 }], station: null });
    life.start();
    await eventually("it reads", () => kept.some(({ tag }) => tag === epc));

    for (const name of [address, named("ttyUSB0")]) await unlink(name);
    await ours.stop();
    isStopped(ours);
    await eventually("the loss is told", () => life.view(0).fault?.code === "reader.unreachable");
    // Another device was quicker and has the name now.
    const strangerEpc = "3034257BF7194E4000001A86";
    const strangeWorld: TagSource = { sees: () => [{ epc: strangerEpc, rssiDbm: -50 }] };
    const stranger = await during(plugIn(strangeWorld));
    await symlink(stranger.address, named("ttyUSB0"));
    const { reads } = life.view(0).counts;
    const again = await during(plugIn());
    await symlink(again.address, named("ttyUSB1"));
    await symlink(named("ttyUSB1"), address);
    await eventually("it reads again", () => life.view(0).counts.reads > reads);
    expect(kept.map(({ tag }) => tag)).not.toContain(strangerEpc);
  },
);
