import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { figureOf, type Row } from "./figure.ts";
import type { Setting } from "./setting.ts";
import type { System } from "./system.ts";

const serviceMegabytesMax = 256;
const stackMegabytesMax = 900;
const samples = 5;
const sampleIntervalMs = 200;

const kilobytesIn = (file: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(file, "utf8"))?.[1] ?? Number.NaN);

const residentMegabytes = (pid: number): number => kilobytesIn(`/proc/${pid}/status`, "VmRSS") / 1_024;

/** What a process has in memory, with pages that several share divided among them. */
const shareMegabytes = (pid: number): number => {
  try {
    return kilobytesIn(`/proc/${pid}/smaps_rollup`, "Pss") / 1_024;
  } catch {
    return 0; // It ended between the look and the reading.
  }
};

/** A process and all below it: Postgres is one for each connection. */
const familyOf = (pid: number): number[] => {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended meanwhile.
    }
  }
  const below = (one: number): number[] => [one, ...(children.get(one) ?? []).flatMap(below)];
  return below(pid);
};

const stackMegabytes = ({ services, postgresPid, natsPid }: System): number =>
  [...services.map(({ pid }) => pid), ...familyOf(postgresPid), natsPid]
    .map(shareMegabytes)
    .reduce((sum, one) => sum + one, 0);

/** The memory of every service, and of the whole stack with both servers. `when` says after what. */
export const measureMemory = async (
  { system, sizes }: Setting,
  when: "idle" | "after load",
): Promise<Row[]> => {
  if (process.platform !== "linux") return [];
  await wait(sizes.settleMs);
  const rounds = new Map<string, number[]>();
  const add = (name: string, megabytes: number) =>
    void rounds.set(name, [...(rounds.get(name) ?? []), megabytes]);
  for (let sample = 0; sample < samples; sample += 1) {
    for (const { name, pid } of system.services) add(name, residentMegabytes(pid));
    add("whole stack", stackMegabytes(system));
    await wait(sampleIntervalMs);
  }
  return [...rounds].map(([name, megabytes]) => {
    const product = figureOf(megabytes);
    const max = name === "whole stack" ? stackMegabytesMax : serviceMegabytesMax;
    return {
      measurement: "memory",
      what: `${name}, ${when}`,
      unit: "MB",
      product,
      target: { text: `≤ ${max} MB`, isMet: product.max <= max },
    };
  });
};
