import { hear } from "@tagwire/bus";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { scriptedDrivers } from "../floor/scripted-driver.ts";
import { testGround } from "../floor/test-floor.ts";
import { dock, frameOf, site } from "../spool/test-spool.ts";
import { tester } from "../store/test-note.ts";

test("the live view says each change of phase at once, with dense positions and rising versions", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  type Said = {
    epoch: number;
    prev: number;
    pos: number;
    changes: {
      key: string;
      version: number;
      put?: { status: string; counts: { reads: number } };
      del?: true;
    }[];
  };
  const said: Said[] = [];
  const heard = hear(ground.bus, "live.north.readers", (message) => void said.push(message.json<Said>()));
  await ground.bus.connection.flush();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  connections[0]?.host.frame(frameOf(["AA01"]));
  await eventually("counts shown", () => said.some(({ changes }) => changes[0]?.put?.counts.reads === 1));
  await floor.findSite(site)?.remove("dock", tester);
  await eventually("deletion shown", () => said.at(-1)?.changes[0]?.del);
  const phases = said.map(({ changes }) => changes[0]?.put?.status ?? "gone");
  expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([
    "connecting",
    "configuring",
    "inventory",
    "stopped",
    "gone",
  ]);
  expect(said.map(({ prev, pos }) => pos - prev)).toEqual(said.map(() => 1));
  expect(said.map(({ pos }) => pos)).toEqual(said.map((_, index) => index + 1));
  const versions = said.map(({ changes }) => changes[0]?.version ?? 0);
  expect(versions).toEqual([...versions].sort((left, right) => left - right));
  expect(floor.list(site)).toMatchObject({ epoch: said[0]?.epoch, pos: said.length });
  await heard.stop();
});
