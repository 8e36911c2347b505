import { tslBasics, tslClear } from "@tagwire/reader-lines";
import { forget, readStored, store } from "../../stored.ts";
import { told } from "../hearing.ts";
import { serialKey } from "./remembered.ts";
import { listenTo, type ReaderKind, readerKinds, type Spoken } from "./spoken.ts";

/* What of Web Serial is used here; browsers that have it are not all of them, so the types do not know it. */
type Port = {
  open(how: { readonly baudRate: number }): Promise<void>;
  close(): Promise<void>;
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
};
type Serial = EventTarget & { requestPort(): Promise<Port>; getPorts(): Promise<readonly Port[]> };

export const baudRates = [9_600, 19_200, 38_400, 57_600, 115_200] as const;
export type ReaderChoice = { readonly kind: ReaderKind; readonly baudRate: number };
export const defaultChoice: ReaderChoice = { kind: "lines", baudRate: 115_200 };

export type ReaderState = {
  readonly phase: "off" | "opening" | "reading" | "away";
  readonly choice: ReaderChoice;
  /** Tags heard since it was connected, repeats too. */
  readonly heard: number;
  /** Lines that nobody can read since then: another kind or speed, most likely. */
  readonly unread: number;
  readonly wrong: string | undefined;
};

/** Tags that a reader says in one go are taken together so often, in ms: each taking is a write to the disk. */
const takenEveryMs = 50;
/** Nobody needs to be told more often that nothing can be read, in ms. */
const brokenEveryMs = 2_000;

const serialOf = (): Serial | undefined => (navigator as { readonly serial?: Serial }).serial;

/** What was connected last and not disconnected by hand. */
const readChoice = (): ReaderChoice | undefined => {
  try {
    const { kind, baudRate } = JSON.parse(readStored(serialKey) ?? "null") as Partial<ReaderChoice>;
    const known = readerKinds.find((each) => each === kind);
    return known !== undefined && baudRates.some((each) => each === baudRate)
      ? { kind: known, baudRate: Number(baudRate) }
      : undefined;
  } catch {
    return undefined;
  }
};

const listeners = new Set<() => void>();
let state: ReaderState = {
  ...{ phase: "off", choice: readChoice() ?? defaultChoice, heard: 0, unread: 0, wrong: undefined },
};
const set = (change: Partial<ReaderState>): void => {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
};
export const readerState = {
  get: (): ReaderState => state,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

let open: { readonly port: Port; readonly leave: AbortController } | undefined;

/** Gathers what is heard and tells it together. */
const createTeller = () => {
  let tags: string[] = [];
  let brokenAtMs = Number.NEGATIVE_INFINITY;
  const tell = (): void => {
    const heard = tags;
    tags = [];
    told.tags(heard);
    set({ heard: state.heard + heard.length });
  };
  return (spoken: Spoken): void => {
    if (spoken.tags.length > 0) {
      if (tags.length === 0) setTimeout(tell, takenEveryMs);
      tags.push(...spoken.tags);
    }
    if (spoken.unread === 0) return;
    set({ unread: state.unread + spoken.unread });
    if (performance.now() - brokenAtMs < brokenEveryMs) return;
    brokenAtMs = performance.now();
    told.broken("garbled");
  };
};

const write = async (port: Port, text: string): Promise<void> => {
  const writer = port.writable?.getWriter();
  await writer?.write(new TextEncoder().encode(text));
  writer?.releaseLock();
};

/** Reads until the port is gone or left. A fault on the line, such as a break, ends one stream and not the port. */
const readAll = async (port: Port, kind: ReaderKind, leave: AbortSignal): Promise<void> => {
  const ear = listenTo(kind);
  const tell = createTeller();
  while (port.readable !== null && !leave.aborted) {
    const reader = port.readable.getReader();
    const cancel = (): void => void reader.cancel().catch(() => {});
    leave.addEventListener("abort", cancel);
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) tell(ear.push(part.value));
      if (!leave.aborted) return;
    } catch {
      // The next stream of the port, if there is one, goes on.
    } finally {
      leave.removeEventListener("abort", cancel);
      reader.releaseLock();
    }
  }
};

const openPort = async (port: Port, choice: ReaderChoice): Promise<void> => {
  const leave = new AbortController();
  set({ phase: "opening", choice, heard: 0, unread: 0, wrong: undefined });
  try {
    await port.open({ baudRate: choice.baudRate });
  } catch {
    return set({ phase: "away", wrong: "It could not be opened. Does another page or program have it?" });
  }
  open = { port, leave };
  store(serialKey, JSON.stringify(choice));
  set({ phase: "reading" });
  try {
    if (choice.kind === "tsl") await write(port, `${tslClear}${tslBasics}\r\n`);
    await readAll(port, choice.kind, leave.signal);
  } catch {
    // Pulled out while it was written to: it is away.
  }
  await port.close().catch(() => {});
  open = undefined;
  set({ phase: leave.signal.aborted ? "off" : "away" });
  if (!leave.signal.aborted) told.broken("garbled");
};

/** A person chooses the port; browsers ask for it only right after a press. */
export const connectReader = async (choice: ReaderChoice): Promise<void> => {
  const serial = serialOf();
  if (serial === undefined || open !== undefined) return;
  set({ choice, wrong: undefined });
  // Whoever closes the browser's list has chosen nothing.
  const port = await serial.requestPort().catch(() => undefined);
  if (port !== undefined) void openPort(port, choice);
};

/** The person lets it go: it is not opened again by itself. */
export const disconnectReader = (): void => {
  forget(serialKey);
  open?.leave.abort();
  if (open === undefined) set({ phase: "off", wrong: undefined });
};

/** Opens again what was connected before: after a reload, and when its cable is put back. */
const reconnect = async (): Promise<void> => {
  const choice = readChoice();
  if (choice === undefined || open !== undefined || state.phase === "opening") return;
  const [port] = (await serialOf()?.getPorts()) ?? [];
  if (port !== undefined) await openPort(port, choice);
  else set({ phase: "away", choice });
};

serialOf()?.addEventListener("connect", () => void reconnect());
void reconnect();
