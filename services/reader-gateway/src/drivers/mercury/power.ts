import { Fault } from "@tagwire/messages";
import type { AntennaSettings } from "../driver.ts";
import { opcodes } from "./frames.ts";

/** What the module sends by itself, what it can send, and what people want. Hundredths of a dBm where the name says so. */
export type Powers = {
  readonly ownCentiDbm: number | undefined;
  readonly limits: { readonly minCentiDbm: number; readonly maxCentiDbm: number } | undefined;
  readonly antennas: readonly AntennaSettings[];
};

export type PowerCommand = {
  readonly name: string;
  readonly opcode: number;
  readonly data: readonly number[];
};

const perPort = 3;
const powerMaxCentiDbm = 0x7fff;
const word = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];

const within = ({ limits }: Powers, powerDbm: number): number => {
  const centiDbm = Math.round(powerDbm * 100);
  const { minCentiDbm, maxCentiDbm } = limits ?? { minCentiDbm: 0, maxCentiDbm: powerMaxCentiDbm };
  if (centiDbm >= minCentiDbm && centiDbm <= maxCentiDbm) return centiDbm;
  const range = `${minCentiDbm / 100} to ${maxCentiDbm / 100} dBm`;
  throw new Fault("reader.settings", `${powerDbm} dBm: the module sends with ${range}`);
};

/** What a step of heat, from so many dB less to so many, changes about the power, in words. */
export const powerNow = (
  powers: Powers,
  { from, to }: { readonly from: number; readonly to: number },
): string => {
  const [before, now] = [from, to].map((backOffDb) => JSON.stringify(powerCommands(powers, backOffDb)));
  if (now === "[]") return "its power stays, since it does not tell how much that is";
  if (now === before) return "its power stays, since it is the least that it can send with";
  const own = powers.limits?.minCentiDbm ?? 0;
  return to === 0
    ? "it reads with its full power again"
    : `it reads with ${to} dB less power, and no less than ${own / 100} dBm`;
};

/**
 * The commands that set power: one for all antennas when they want the same, one with all ports when they do not. Nothing is set
 * while nobody wants anything and nothing has to be taken back.
 *
 * @throws Fault `reader.settings` when a wanted power is outside what the module can send.
 */
export const powerCommands = (powers: Powers, backOffDb: number): readonly PowerCommand[] => {
  const floor = powers.limits?.minCentiDbm ?? 0;
  const less = (centiDbm: number): number => Math.max(floor, centiDbm - backOffDb * 100);
  const wanted = powers.antennas.map(({ port, powerDbm }) => ({
    port,
    centiDbm: powerDbm === undefined ? powers.ownCentiDbm : within(powers, powerDbm),
    isSet: powerDbm !== undefined,
  }));
  if (wanted.length === 0 && powers.ownCentiDbm !== undefined) {
    const own = less(powers.ownCentiDbm);
    return [{ name: `power ${own / 100} dBm`, opcode: opcodes.setReadPower, data: word(own) }];
  }
  const known = wanted.flatMap(({ port, centiDbm }) =>
    centiDbm === undefined ? [] : [{ port, centiDbm: less(centiDbm) }],
  );
  const [first] = known;
  if (first === undefined) return [];
  if (known.every(({ centiDbm }) => centiDbm === first.centiDbm))
    return [
      { name: `power ${first.centiDbm / 100} dBm`, opcode: opcodes.setReadPower, data: word(first.centiDbm) },
    ];
  const ports = known.flatMap(({ port, centiDbm }) => [port, ...word(centiDbm), ...word(centiDbm)]);
  return [{ name: "power of the antennas", opcode: opcodes.setAntennas, data: [perPort, ...ports] }];
};
