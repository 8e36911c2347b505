import { setTimeout as wait } from "node:timers/promises";
import { fillLog } from "./bulk-scans.ts";
import { figureOf, type Row } from "./figure.ts";
import { withLauncher } from "./launcher.ts";
import { familyOf, peakMegabytes, residentMegabytes, shareMegabytes } from "./process-memory.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import type { Sizes } from "./sizes.ts";

/** What a service may take under load, in MB. */
export const serviceMegabytesMax = 256;
const stackMegabytesMax = 900;
const samples = 10;
const sampleIntervalMs = 500;

/** Only Linux says what a process shares. */
export const canMeasureMemory = process.platform === "linux";

/** `npm start` with its demo, left alone: npm and its shell, the launcher, both servers, the services and the emulated readers. */
export const measureIdleMemory = (sizes: Sizes, interrupted: Promise<never>): Promise<Row[]> =>
  withLauncher(interrupted, async (pid) => {
    await wait(sizes.settleMs);
    const shares: number[] = [];
    let processes = 0;
    let resident = 0;
    for (let sample = 0; sample < samples; sample += 1) {
      const family = familyOf(pid);
      shares.push(shareMegabytes(family));
      processes = Math.max(processes, family.length);
      resident = Math.max(resident, residentMegabytes(family));
      await wait(sampleIntervalMs);
    }
    const product = figureOf(shares);
    return [
      {
        measurement: "memory",
        what: "npm start, idle with demo",
        unit: "MB PSS",
        product,
        target: { text: `≤ ${stackMegabytesMax} MB`, isMet: product.max <= stackMegabytesMax },
        note: `new data, ${sizes.settleMs / 1_000} s after ready; ${processes} processes from npm down, shared pages counted once (RSS, which counts them again: ${resident.toFixed(0)} MB)`,
      },
    ];
  });

/** The most that each service ever took, and what everything takes, after all the loads before. */
export const measureLoadMemory = async (setting: Setting): Promise<Row[]> => {
  const { system, sizes } = setting;
  await fillLog(setting, sizes.memoryEventsMin);
  await untilQuiet(setting);
  const peaks = system.services.map(({ name, pid }): Row => {
    const product = figureOf([peakMegabytes(pid)]);
    return {
      measurement: "memory",
      what: `${name}, peak under load`,
      unit: "MB RSS",
      product,
      target: { text: `≤ ${serviceMegabytesMax} MB`, isMet: product.max <= serviceMegabytesMax },
    };
  });
  const all = [...system.services.map(({ pid }) => pid), ...familyOf(system.postgresPid), system.natsPid];
  return [
    ...peaks,
    {
      measurement: "memory",
      what: "services and both servers, after load",
      unit: "MB PSS",
      product: figureOf([shareMegabytes(all)]),
      note: "no demo; with Postgres's shared buffers full",
    },
  ];
};
