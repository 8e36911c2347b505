import type { AntennaCounts, Reader } from "@tagwire/messages";
import { expect, test } from "vitest";
import { antennaRows } from "./antenna-rows.ts";

const reads = (count: number) => ({ reads: count, filtered: 0 }) as AntennaCounts;

test("antennas stand by port, with what is set, told and counted of each, and the rest last", () => {
  const rows = antennaRows({
    antennas: [{ port: 10, place: "dock" }, { port: 2 }],
    antennasConnected: { 2: false, 3: true },
    counts: {
      antennas: { unattributed: reads(5), 10: reads(50), 3: reads(100) },
    } as unknown as Reader["counts"],
  });
  expect(rows.map(({ port, connected, share }) => [port, connected, share])).toEqual([
    ["2", false, 0],
    ["3", true, 1],
    ["10", undefined, 0.5],
    ["unattributed", undefined, 0.05],
  ]);
  expect(rows[2]).toMatchObject({ setting: { place: "dock" }, counts: { reads: 50 } });
});
