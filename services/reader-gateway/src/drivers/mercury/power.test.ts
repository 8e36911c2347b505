import { Fault } from "@tagwire/messages";
import { expect, test } from "vitest";
import { type Powers, powerCommands, powerNow } from "./power.ts";

const limits = { minCentiDbm: 500, maxCentiDbm: 3150 };
const powers = (antennas: Powers["antennas"], more: Partial<Powers> = {}): Powers => ({
  ownCentiDbm: 3000,
  limits,
  antennas,
  ...more,
});
const data = (from: Powers, backOffDb = 0) =>
  powerCommands(from, backOffDb).map((command) => [command.opcode, ...command.data]);

test("antennas that want the same get it in one, others each their own", () => {
  expect(
    data(
      powers([
        { port: 1, powerDbm: 20 },
        { port: 2, powerDbm: 20 },
      ]),
    ),
  ).toEqual([[0x92, 0x07, 0xd0]]);
  expect(data(powers([{ port: 1, powerDbm: 20 }, { port: 2 }]))).toEqual([
    [0x91, 3, 1, 0x07, 0xd0, 0x07, 0xd0, 2, 0x0b, 0xb8, 0x0b, 0xb8],
  ]);
});

test("heat takes its part, down to the least the module can", () => {
  expect(data(powers([]), 3)).toEqual([[0x92, 0x0a, 0x8c]]);
  expect(data(powers([{ port: 1, powerDbm: 6 }]), 12)).toEqual([[0x92, 0x01, 0xf4]]);
});

test("a module that does not tell its power is left with it", () => {
  expect(data(powers([{ port: 1 }], { ownCentiDbm: undefined, limits: undefined }), 6)).toEqual([]);
});

test("what heat changes is told as it is: less, all of it again, or nothing", () => {
  const told = (of: Powers, from: number, to: number) => powerNow(of, { from, to });
  expect(told(powers([]), 0, 3)).toBe("it reads with 3 dB less power, and no less than 5 dBm");
  expect(told(powers([]), 3, 0)).toBe("it reads with its full power again");
  expect(told(powers([{ port: 1, powerDbm: 5 }]), 0, 3)).toContain("the least that it can send with");
  expect(told(powers([{ port: 1 }], { ownCentiDbm: undefined, limits: undefined }), 0, 3)).toContain(
    "does not tell",
  );
});

test.each([4.99, 31.51, 400])("%d dBm are a setting to correct", (powerDbm) => {
  expect(() => powerCommands(powers([{ port: 1, powerDbm }]), 0)).toThrow(Fault);
  expect(() => powerCommands(powers([{ port: 1, powerDbm }]), 0)).toThrow(
    /^reader\.settings: .*5 to 31\.5 dBm/,
  );
});
