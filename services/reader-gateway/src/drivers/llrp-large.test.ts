import { Socket } from "node:net";
import { startLlrpReader } from "@tagwire/emulators";
import { encodeMessage, message, parameter } from "@tagwire/llrp";
import { expect, test } from "vitest";
import type { DriverHost } from "./driver.ts";
import { LlrpConnection } from "./llrp/connection.ts";
import { entriesPerTurnMax, llrpLimits, messageBytesMax } from "./llrp/limits.ts";
import { createLlrpDriver } from "./llrp.ts";
import { recordingHost } from "./recording-host.ts";
import { during, stopLater } from "./test-driver.ts";

const tags = 20 * entriesPerTurnMax;

const epcOf = (index: number): Uint8Array => {
  const epc = Buffer.alloc(12, 0x30);
  epc.writeUInt32BE(index, 8);
  return Uint8Array.from(epc);
};
const largeReport = encodeMessage(
  message({ version: 1, id: 1 }, "RO_ACCESS_REPORT", {
    fields: {},
    parameters: Array.from({ length: tags }, (_, index) =>
      parameter("TagReportData", {}, [parameter("EPC96", { epc: epcOf(index) })]),
    ),
  }),
);
const inputBroken = encodeMessage(
  message({ version: 1, id: 2 }, "READER_EVENT_NOTIFICATION", {
    fields: {},
    parameters: [
      parameter("ReaderEventNotificationData", {}, [
        parameter("UTCTimestamp", { microseconds: BigInt(Date.now()) * 1000n }),
        parameter("GPIEvent", { port: 1, event: true }),
      ]),
    ],
  }),
);

/** A reader that is read, and in which turn of the process each of its frames with tags was delivered. */
const reading = async () => {
  const emulated = await during(startLlrpReader({ world: { sees: () => [] } }));
  const host = recordingHost();
  const turns: number[] = [];
  let turn = 0;
  let isOver = false;
  const pass = () => {
    turn += 1;
    if (!isOver) setImmediate(pass);
  };
  pass();
  const watching: DriverHost = {
    ...host,
    frame: (reads, bytes) => {
      expect(reads.length).toBeLessThanOrEqual(entriesPerTurnMax);
      if (reads.length > 0) turns.push(turn);
      host.frame(reads, bytes);
    },
  };
  const control = new AbortController();
  const settings = { address: emulated.address, antennas: [], inputs: [1] };
  const done = createLlrpDriver()(settings, watching, control.signal);
  stopLater(async () => {
    isOver = true;
    control.abort();
    await done;
  });
  await host.when(({ phases }) => phases.includes("inventory"));
  return { emulated, host, turns };
};

test("a report of many tags leaves turns to others, and what comes behind it is heard behind it", async () => {
  const { emulated, host, turns } = await reading();
  let readsBefore = 0;
  const broken = host.when(({ notices, reads }) => {
    readsBefore = reads.length;
    return notices.some(({ kind }) => kind === "input");
  });
  emulated.sendRaw(Buffer.concat([largeReport, inputBroken]));
  await broken;
  expect(readsBefore).toBe(tags);
  expect(new Set(turns).size).toBe(tags / entriesPerTurnMax);
  expect(host.reads.map(({ epc }) => Number.parseInt(epc.slice(16), 16))).toEqual(
    Array.from({ length: tags }, (_, index) => index),
  );
  expect(host.malformedReasons).toEqual([]);
});

test("a message that is no report and longer than any can be is not looked into, and costs only itself", async () => {
  const { emulated, host } = await reading();
  const long = encodeMessage(
    message({ version: 1, id: 3 }, "GET_READER_CAPABILITIES_RESPONSE", {
      fields: {},
      parameters: [
        parameter("LLRPStatus", { code: 0, description: "" }),
        ...Array.from({ length: 5 }, () =>
          parameter("Custom", { vendor: 1, subtype: 2, data: new Uint8Array(messageBytesMax / 5) }),
        ),
      ],
    }),
  );
  emulated.sendRaw(Buffer.concat([long, inputBroken]));
  await host.when(({ notices }) => notices.some(({ kind }) => kind === "input"));
  expect(host.malformedReasons).toEqual([expect.stringContaining("no report")]);
});

test("what a line has brought is heard to its end, also when the line broke before that", async () => {
  const socket = new Socket();
  let heard = 0;
  const connection = new LlrpConnection(socket, {
    limits: llrpLimits,
    frame: () => {},
    malformed: () => {},
    report: () => {
      heard += 1;
    },
    told: () => {},
  });
  socket.emit("data", largeReport);
  socket.destroy(new Error("read ECONNRESET"));
  await expect(connection.ended).rejects.toMatchObject({ code: "reader.closed" });
  expect(heard).toBe(tags / entriesPerTurnMax);
});
