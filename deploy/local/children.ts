import { readJson, writePrivateJson } from "./private-file.ts";
import { type Holder, identify } from "./process-lock.mjs";

const isHolder = (value: unknown): value is Holder =>
  typeof value === "object" &&
  value !== null &&
  "pid" in value &&
  typeof value.pid === "number" &&
  "startTicks" in value &&
  (value.startTicks === null || typeof value.startTicks === "number");

/** The processes an earlier start noted down; none when the file is missing. */
export const readChildren = (file: string): Holder[] => {
  const list = readJson(file);
  return Array.isArray(list) ? list.filter(isHolder) : [];
};

/** The processes of this start, kept in a file so that a later start can see them out if this one is killed. */
export interface Children {
  readonly note: (pid: number) => void;
  readonly forget: (pid: number) => void;
  readonly all: () => readonly Holder[];
}

export const openChildren = (file: string): Children => {
  const running = new Map<number, Holder>();
  const write = (): void => writePrivateJson(file, [...running.values()]);
  return {
    note: (pid) => {
      const child = identify(pid);
      if (child === undefined) return;
      running.set(pid, child);
      write();
    },
    forget: (pid) => {
      if (running.delete(pid)) write();
    },
    all: () => [...running.values()],
  };
};
