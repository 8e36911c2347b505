import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { type Bus, request } from "@tagwire/bus";
import {
  type CommandKind,
  type CommandResult,
  commandSubject,
  Fault,
  faultCatalogue,
  type ImportRow,
  importRowsMax,
  isFaultCode,
  newId,
  type Scan,
} from "@tagwire/messages";
import { importDevice } from "../actors/operations-scan.ts";
import type { PlannedClass } from "./planned.ts";

const timeoutMs = 30_000;
/** Nobody owns a site for a second or two while a process ends, and an owner may be busy: what was sent is known again by its ids. */
const tries = 30;
const betweenTriesMs = 1_000;
/** Scans of one command, so that its answer and the command stay well below what one message carries. */
const scansPerCommand = 500;
const bytesPerCommandMax = 600_000;
/** Classes that are described at the same time: each is a command of its own. */
const classesAtOnce = 8;

/** Refusals that are told one by one. */
const refusalsMax = 50;

export type Sent = {
  readonly recorded: number;
  readonly replayed: number;
  readonly refused: number;
  /** The first of them. */
  readonly refusals: readonly string[];
};
/** Tags of items that were there already, whoever made them. */
export type SentItems = Sent & { readonly taken: ReadonlySet<string> };

export const nothingSent: Sent = { recorded: 0, replayed: 0, refused: 0, refusals: [] };
export const addSent = (left: Sent, right: Omit<Sent, "refused"> & Partial<Sent>): Sent => ({
  recorded: left.recorded + right.recorded,
  replayed: left.replayed + right.replayed,
  refused: left.refused + (right.refused ?? right.refusals.length),
  refusals: [...left.refusals, ...right.refusals].slice(0, refusalsMax),
});

type Sending = {
  readonly bus: Bus;
  readonly site: string;
  readonly signal: AbortSignal;
  /** Takes each row that is refused: a sum has the first of them alone. */
  readonly refuse: (row: string) => void;
};

/** One refusal, in words for whoever reads it on the page: its code, what of this row, and what there is to do about it. */
const refusalOf = (
  { refuse }: Pick<Sending, "refuse">,
  of: string,
  { code, message }: { readonly code?: string | undefined; readonly message?: string | undefined },
): string => {
  const advice = isFaultCode(code) ? faultCatalogue[code].advice : undefined;
  const said = [message, advice].filter((text, at, all) => Boolean(text) && all.indexOf(text) === at);
  const refusal = [of, code ?? "refused", ...said].join(": ");
  refuse(refusal);
  return refusal;
};

/** Commands a site's owner, again for as long as it may help. @throws Fault as operations says it */
const command = async <K extends CommandKind>(
  { bus, site, signal }: Sending,
  kind: K,
  body: unknown,
): Promise<CommandResult[K]> => {
  const envelope = {
    ...{ kind, id: newId(), by: { device: importDevice }, receivedAt: new Date().toISOString(), body },
    traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`,
  };
  for (let tried = 1; ; tried += 1) {
    signal.throwIfAborted();
    try {
      return await request<CommandResult[K]>(bus, commandSubject(site), envelope, { timeoutMs });
    } catch (error) {
      if (tried === tries || !(error instanceof Fault) || !error.retryable) throw error;
      await wait(betweenTriesMs, undefined, { signal });
    }
  }
};

/** Parts of what is sent, each as large as one command may be. */
function* inCommands<T>(rows: readonly T[], rowsMax: number): Generator<T[]> {
  let part: T[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (part.length >= rowsMax || (part.length > 0 && bytes + size > bytesPerCommandMax)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/** Makes items and nothing else (`onlyNew`), or sets them at an end. */
export const sendItems = async (
  sending: Sending,
  rows: readonly ImportRow[],
  onlyNew: boolean,
): Promise<SentItems> => {
  let sent = nothingSent;
  const taken = new Set<string>();
  for (const part of inCommands(rows, importRowsMax)) {
    const { outcomes } = await command<"items.import">(sending, "items.import", {
      ...{ dryRun: false, onlyNew },
      rows: part,
    });
    for (const [index, { code }] of outcomes.entries())
      if (onlyNew && code === "item_exists") taken.add(part[index]?.tag ?? "");
    sent = addSent(sent, {
      recorded: outcomes.filter(({ outcome }) => outcome === "created" || outcome === "changed").length,
      replayed: outcomes.filter(({ replayed }) => replayed === true).length,
      refusals: outcomes.flatMap(({ outcome, code, message }, index) =>
        outcome === "rejected" ? [refusalOf(sending, `item ${part[index]?.tag}`, { code, message })] : [],
      ),
    });
  }
  return { ...sent, taken };
};

/** Records scans. One that is older than what is known is history, and waits where no item carries its tag: neither is a refusal. */
export const sendScans = async (sending: Sending, scans: readonly Scan[]): Promise<Sent> => {
  let sent = nothingSent;
  for (const part of inCommands(scans, scansPerCommand)) {
    const { receipts } = await command<"scans.record">(sending, "scans.record", { scans: part });
    const fresh = receipts.filter(({ replayed }) => !replayed);
    sent = addSent(sent, {
      recorded: fresh.filter(({ outcome }) => outcome !== "rejected").length,
      replayed: receipts.length - fresh.length,
      refusals: receipts.flatMap(({ outcome, code, message }, index) =>
        outcome === "rejected"
          ? [
              refusalOf(sending, `${part[index]?.type} of ${part[index]?.tag} at ${part[index]?.scannedAt}`, {
                code,
                message,
              }),
            ]
          : [],
      ),
    });
  }
  return sent;
};

/** Describes classes. A class that is described so already is left as it is by operations. */
export const sendClasses = async (sending: Sending, classes: readonly PlannedClass[]): Promise<Sent> => {
  let sent = nothingSent;
  for (let from = 0; from < classes.length; from += classesAtOnce) {
    const results = await Promise.all(
      classes
        .slice(from, from + classesAtOnce)
        .map((planned) => command<"class.define">(sending, "class.define", planned)),
    );
    for (const [index, { receipt }] of results.entries())
      sent = addSent(sent, {
        recorded: receipt.outcome === "accepted" && !receipt.replayed ? 1 : 0,
        replayed: receipt.replayed || receipt.outcome === "already_applied" ? 1 : 0,
        refusals:
          receipt.outcome === "rejected"
            ? [refusalOf(sending, `class ${classes[from + index]?.class}`, receipt)]
            : [],
      });
  }
  return sent;
};
