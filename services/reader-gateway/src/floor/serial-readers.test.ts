import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { drivers } from "../drivers/catalogue.ts";
import { during, stopLater } from "../drivers/test-driver.ts";
import type { ReaderSettings } from "../store/readers.ts";
import { lifeOf } from "./test-life.ts";
import { type SerialFamily, serialFamilies } from "./test-serial.ts";

/* What the README's table says of the families that hang at a serial port, by what a person is shown of such a reader. */

const begin = async ({ driver }: SerialFamily, address: string, settings: Partial<ReaderSettings> = {}) => {
  const { life, phases } = lifeOf(drivers);
  stopLater(life.stop);
  await life.apply({ driver, address, antennas: [], station: null, ...settings });
  life.start();
  return { life, phases };
};

type Life = Awaited<ReturnType<typeof begin>>["life"];

const readsOn = async (what: string, life: Life): Promise<void> => {
  const { reads } = life.view(0).counts;
  await eventually(what, () => life.phase() === "inventory" && life.view(0).counts.reads > reads);
};

test.each(serialFamilies)(
  "a $driver is opened, told its settings, shown, told others while it reads, stopped and started",
  async (family) => {
    const metal = await during(family.plugIn());
    const { life, phases } = await begin(family, metal.address, family.settings(20));
    await readsOn("it reads", life);
    expect(phases).toEqual(["stopped", "connecting", "configuring", "inventory"]);
    const { model, firmware } = life.view(0);
    expect({ model, firmware }).toEqual(family.identity);
    const told = family.told(20);
    if (told !== undefined) expect(metal.told()).toMatchObject(told as object);

    await life.apply({
      ...{ driver: family.driver, address: metal.address, antennas: [], station: null },
      ...family.settings(18),
    });
    await readsOn("it reads with other settings", life);
    const toldAnew = family.told(18);
    if (toldAnew !== undefined) expect(metal.told()).toMatchObject(toldAnew as object);

    await life.stop();
    expect(life.view(0)).toMatchObject({ status: "stopped", faults: [] });
    expect(metal.lastWord()).toBe(family.lastWord);
    life.start();
    await readsOn("it reads again", life);
  },
);
