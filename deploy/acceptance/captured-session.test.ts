import { readFileSync } from "node:fs";
import { brokenSums, type Item, type Reader, type TimelineRow } from "@tagwire/messages";
import { eventually, sharedData, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { playCapture } from "./captured-reader.ts";

const capture = sharedData("llrp", "session-dx101a.bin");
if (capture === undefined) console.warn("captured LLRP session not present: its test is skipped");

test.skipIf(capture === undefined)("every tag of a captured reader session has its sighting", async () => {
  await using stack = await startStack();
  await using reader = await playCapture(readFileSync(capture ?? ""));
  const tags = [...new Set(reader.epcs)];
  expect(reader.messages).toBe(934);
  expect(tags.length).toBeGreaterThan(0);
  expect(reader.reads).toBe(102_016);

  expect(
    (await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" })).status,
  ).toBe(201);
  // The first tag stays unknown until it was seen: it is quarantined, and decided when it is commissioned.
  const [unknown, ...known] = tags;
  for (const tag of known) {
    expect((await stack.call("POST", "/sites/yard/items", { tag, class: "Crate" })).status).toBe(201);
  }
  const created = await stack.call("POST", "/sites/yard/readers", {
    id: "gate",
    driver: "llrp",
    address: reader.address,
    antennas: [
      { port: 1, place: "gate" },
      { port: 2, place: "gate" },
      { port: 3, place: "gate" },
      { port: 4, place: "gate" },
    ],
  });
  expect(created.status).toBe(201);

  const timelineOf = async (tag: string) => {
    const { status, body } = await stack.call("GET", `/sites/yard/items/${tag}/timeline`);
    return status === 200 ? (body as { data: TimelineRow[] }).data : [];
  };
  for (const tag of known) {
    const rows = await eventually(`${tag} was sighted`, async () => {
      const timeline = await timelineOf(tag);
      return timeline.some(({ kind }) => kind === "sighting") ? timeline : undefined;
    });
    const sighting = rows.find(({ kind }) => kind === "sighting");
    expect(sighting).toMatchObject({ type: "item.sighted.v1", by: { reader: "gate" }, outcome: "accepted" });
    expect(sighting?.traceId).toMatch(/^[0-9a-f]{32}$/);
  }

  if (unknown !== undefined) {
    const [waiting] = await eventually("the unknown tag waits in quarantine", async () => {
      const rows = await timelineOf(unknown);
      return rows.length > 0 ? rows : undefined;
    });
    expect(waiting).toMatchObject({ outcome: "quarantined", code: "tag_unknown" });
    expect((await stack.call("POST", "/sites/yard/items", { tag: unknown, class: "Crate" })).status).toBe(
      201,
    );
    const rows = await timelineOf(unknown);
    expect(rows.some((row) => row.type === "item.sighted.v1" && row.flags.includes("from_quarantine"))).toBe(
      true,
    );
  }

  const { counts } = await eventually("the reader's ledger is settled", async () => {
    const { body } = await stack.call("GET", "/sites/yard/readers/gate");
    const row = body as Reader;
    return reader.wasPlayed() && row.counts.reads >= reader.reads && row.counts.pending === 0
      ? row
      : undefined;
  });
  expect(counts.malformed).toBe(0);
  // Not a read more or less than the captured reader says it heard.
  expect(counts.reads).toBe(reader.reads);
  expect(brokenSums(counts)).toEqual([]);
  for (const tag of tags) {
    const { body } = await stack.call("GET", `/sites/yard/items/${tag}`);
    expect((body as Item).lastScan).toMatchObject({ type: "touch", by: { reader: "gate" } });
  }
});
