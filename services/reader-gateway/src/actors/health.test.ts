import { Fault } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { antennasMax, entered, failureOf, newHealth, noticed, shownText, shownTextMax } from "./health.ts";

const fresh = newHealth("2026-01-01T00:00:00.000Z");
const plugged = (antenna: number, connected = true) => ({ kind: "antenna", antenna, connected }) as const;

describe("an antenna", () => {
  test.each([1, 2, 4])("%i of four is shown", (antenna) => {
    expect(noticed(fresh, plugged(antenna), 4).antennasConnected).toEqual({ [antenna]: true });
  });

  test.each([0, -1, 5, 1.5, 65_535, Number.NaN])("%d of four is none, and changes nothing", (antenna) => {
    expect(noticed(fresh, plugged(antenna), 4)).toBe(fresh);
  });

  test("that says what is known changes nothing", () => {
    const health = noticed(fresh, plugged(2), 4);
    expect(noticed(health, plugged(2), 4)).toBe(health);
    expect(noticed(health, plugged(2, false), 4).antennasConnected).toEqual({ 2: false });
  });

  test("beyond what can be set is none, however many a reader says it has", () => {
    let health = fresh;
    for (let antenna = 0; antenna <= 65_535; antenna += 1) health = noticed(health, plugged(antenna), 65_535);
    expect(Object.keys(health.antennasConnected)).toHaveLength(antennasMax);
  });
});

test("an identity is news once", () => {
  const identified = { kind: "identified", firmware: "5.12", model: "R420", antennas: 4 } as const;
  const health = noticed(fresh, identified, 4);
  expect(health).toMatchObject({ firmware: "5.12", model: "R420" });
  expect(noticed(health, identified, 4)).toBe(health);
});

test("how a reader's clock stands is news once, and unknown with the next connection", () => {
  const told = (offsetMs: number) => ({ kind: "clock", offsetMs }) as const;
  const health = noticed(fresh, told(-3_599_999.6), 4);
  expect(health.clockOffsetMs).toBe(-3_600_000);
  expect(noticed(health, told(-3_600_000.2), 4)).toBe(health);
  expect(noticed(health, told(Number.NaN), 4)).toBe(health);
  const at = "2026-01-01T00:00:01.000Z";
  expect(entered(health, "inventory", at).clockOffsetMs).toBe(-3_600_000);
  expect(entered(health, "backoff", at).clockOffsetMs).toBe(-3_600_000);
  for (const phase of ["connecting", "stopped"] as const)
    expect(entered(health, phase, at).clockOffsetMs).toBe(null);
});

describe("a reader's words", () => {
  test.each([
    { what: "are left as they are", said: "R_DeviceError: too hot", shown: "R_DeviceError: too hot" },
    { what: "come in one line", said: " one\r\n\ttwo\u0000 three ", shown: "one two three" },
    { what: "are whole characters", said: "a\ud800b", shown: "a b" },
    { what: "keep other scripts", said: "天线 🙂", shown: "天线 🙂" },
  ])("$what", ({ said, shown }) => {
    expect(shownText(said)).toBe(shown);
  });

  test("end where nobody would read on, wherever they come from", () => {
    const endless = "🙂".repeat(65_535);
    const shown = `${"🙂".repeat(shownTextMax - 1)}…`;
    expect(shownText(endless)).toBe(shown);
    expect(failureOf(new Fault("reader.error", endless), "network")?.message).toBe(shown);
    const health = noticed(fresh, { kind: "identified", firmware: endless, model: endless, antennas: 4 }, 4);
    expect(health).toMatchObject({ firmware: shown, model: shown });
  });
});
