import { expect, test } from "vitest";
import { type Command, type Form, readCommand, scanToSend, today } from "./command.ts";

const payload = {
  id: "0192f0a0-0000-7000-8000-000000000001",
  tag: "A1",
  type: "touch",
  scannedAt: "2026-03-01T10:00:00Z",
} as const;
const command: Command = {
  ...{ v: today.v, id: payload.id, order: 7, seq: 3, deviceId: "browser-1", incarnation: "i", type: "scan" },
  ...{ site: "yard", payload, capturedBy: "Ann", capturedAtMs: 1_000, monoMs: 5, clockOffsetMs: 20 },
  ...{ state: "queued", tries: 2 },
};

test("what an older page stored is brought up step by step, and loses nothing on the way", () => {
  const older = { ...command, v: 1, capturedBy: undefined, by: "Ann" };
  const form: Form = {
    v: 3,
    steps: {
      1: ({ by, ...stored }) => ({ ...stored, capturedBy: by }),
      2: (stored) => ({ ...stored, shelf: stored.capturedBy }),
    },
  };
  expect(readCommand(older, form)).toEqual({ ...command, v: 3, shelf: "Ann" });
});

test("one of today is read as it is, and one of tomorrow is left alone", () => {
  expect(readCommand({ ...command })).toEqual(command);
  expect(readCommand({ ...command, v: today.v + 1 })).toBeUndefined();
});

test("a scan carries its number when it has one", () => {
  expect(scanToSend(command)).toEqual({ ...payload, seq: 3 });
  expect(scanToSend({ ...command, seq: null })).toEqual(payload);
});
