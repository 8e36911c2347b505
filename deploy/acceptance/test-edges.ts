import { setTimeout as wait } from "node:timers/promises";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { newId, type Reader } from "@tagwire/messages";
import { eventually, type Stack } from "@tagwire/testing";
import { expect } from "vitest";

/* What comes to a house by way of its edges: a reader at a gate, and somebody with a client for the public API. */

const betweenMs = 250;
const crates = Array.from({ length: 6 }, (_, index) => `E2801191A50300${String(index).padStart(10, "0")}`);
const strays = ["E2801191A5030F0000000001"];
const reader = "gate";

/** A reader that reads crates which come and go, and a tag that nobody knows, until it is stopped. */
export const keepReading = async (stack: Stack, site: string) => {
  for (const tag of crates)
    expect((await stack.call("POST", `/sites/${site}/items`, { tag, class: "Crate" })).status).toBe(201);
  const isHere = (index: number) => Math.floor(Date.now() / 1_000) % crates.length !== index;
  const world: TagSource = {
    sees: () =>
      [...crates.filter((_, index) => isHere(index)), ...strays].map((epc) => ({ epc, rssiDbm: -55 })),
  };
  const metal = await startLlrpReader({ world, seed: 11 });
  const antennas = [{ port: 1, place: "dock" }];
  const gate = { id: reader, driver: "llrp", address: metal.address, antennas };
  expect((await stack.call("POST", `/sites/${site}/readers`, gate)).status).toBe(201);
  const counts = () =>
    eventually("the reader is asked for", async () => {
      const { status, body } = await stack.call("GET", `/sites/${site}/readers/${reader}`);
      return status === 200 ? (body as Reader).counts : undefined;
    });
  const stop = () => metal.stop();
  return {
    /** How many of its observations were accepted. */
    sighted: async (): Promise<number> => (await counts()).accepted,
    stop,
    [Symbol.asyncDispose]: stop,
  };
};

const boxes = Array.from({ length: 4 }, (_, index) => `BOX-${index}`);

/** Somebody who scans one thing after the other by the public API, each until there is a receipt; nobody else scans these, so that none is late. */
export const keepAsking = async (stack: Stack, site: string) => {
  for (const tag of boxes)
    expect((await stack.call("POST", `/sites/${site}/items`, { tag, class: "Box" })).status).toBe(201);
  let [done, isOver] = [0, false];
  const once = async (tag: string) => {
    const scans = [{ id: newId(), tag, type: "touch", place: "hall", scannedAt: new Date().toISOString() }];
    while (!isOver) {
      const answer = await stack.call("POST", `/sites/${site}/scans`, { scans }).catch(() => undefined);
      if (answer?.status === 200) {
        done += 1;
        return;
      }
      if (answer !== undefined) expect([503, 504]).toContain(answer.status);
      await wait(betweenMs);
    }
  };
  const asking = (async () => {
    for (let at = 0; !isOver; at += 1) {
      await once(boxes[at % boxes.length] ?? "");
      await wait(betweenMs);
    }
  })();
  const stop = async () => {
    isOver = true;
    await asking;
  };
  return {
    /** How many scans have a receipt. */
    done: () => done,
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
