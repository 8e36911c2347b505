import { isDeepStrictEqual } from "node:util";
import { contractView, Fault, normaliseTag, type Scan, sessionView } from "@tagwire/messages";
import type { Act } from "./actors/act.ts";
import type { Answer, TurnOutcome } from "./actors/site.ts";
import type { MonthSite } from "./test-month-site.ts";
import { RecordsModel, type RecordsScan } from "./test-records-model.ts";

/*
 * The month, kept a second time: by the reference model of contracts, sessions, lots, tags and undo, which was written by hand apart from
 * the product. It is told what is handed in, and never what became of it; every answer has to be the one that it gives.
 */

const futureMs = 5_000;
const backdatedMs = 72 * 3_600_000;

const scanIn = (scan: Scan, receivedAt: string): RecordsScan => {
  const receivedAtMs = Date.parse(receivedAt);
  const scannedAtMs = Date.parse(scan.scannedAt);
  const { id, type, contract, session, status, place, quality, condition } = scan;
  const isAhead = scannedAtMs > receivedAtMs + futureMs;
  const isOld = scannedAtMs < receivedAtMs - backdatedMs;
  return {
    ...{ id, type, tag: normaliseTag(scan.tag) ?? scan.tag, atMs: isAhead ? receivedAtMs : scannedAtMs },
    ...(contract === undefined ? {} : { contract }),
    ...(session === undefined ? {} : { session }),
    ...(status === undefined ? {} : { status }),
    ...(place === undefined ? {} : { place }),
    ...(quality === undefined ? {} : { quality }),
    ...(condition === undefined ? {} : { condition }),
    ...(isAhead ? { clock: "future_scan" as const } : isOld ? { clock: "backdated" as const } : {}),
  };
};

type Said = { readonly outcome?: string; readonly code?: string; readonly fault?: string };

const saidBy = (answer: Answer | Fault | undefined): Said => {
  if (answer === undefined) return {};
  if (answer instanceof Fault) return { fault: answer.code };
  const { outcome, code } = answer.receipt;
  return { outcome, ...(code === undefined ? {} : { code }) };
};

/** Whether what is there has all that is told of it; of lists, each of the same length. */
const has = (there: unknown, told: unknown): boolean => {
  if (Array.isArray(told))
    return (
      Array.isArray(there) &&
      there.length === told.length &&
      told.every((one, index) => has(there[index], one))
    );
  if (typeof told !== "object" || told === null) return isDeepStrictEqual(there, told);
  return Object.entries(told).every(([key, value]) =>
    has((there as Readonly<Record<string, unknown>> | null)?.[key], value),
  );
};

const tagIn = (written: string): string => normaliseTag(written) ?? written;

/** What one act comes to by the model; undefined for what it does not know of. `made` are the tags that it was answered with. */
const expectationOf = (
  model: RecordsModel,
  act: Act,
  { expected, made }: { readonly expected: readonly string[] | undefined; readonly made: readonly string[] },
): Said | undefined => {
  const atMs = Date.parse(act.origin.receivedAt);
  switch (act.kind) {
    case "scan":
      return model.scan(scanIn(act.scan, act.origin.receivedAt));
    case "item.create": {
      const { tag, class: name, status, place, quality } = act.body;
      return model.create(tagIn(tag), name, {
        atMs,
        ...(status === undefined ? {} : { status }),
        ...(place === undefined ? {} : { place }),
        ...(quality === undefined ? {} : { quality }),
      });
    }
    case "item.patch": {
      const { tag, patch } = act.body;
      if (patch.status !== undefined) return model.patch(tagIn(tag), patch.status, atMs);
      return model.note(tagIn(tag), patch.notes ?? "");
    }
    case "import": {
      const { tag, class: name = "", ...row } = act.body;
      return model.importRow(
        tagIn(tag),
        { class: name, ...row } as Parameters<typeof model.importRow>[1],
        atMs,
      );
    }
    case "item.retag":
      return model.retag(tagIn(act.body.tag), tagIn(act.body.to), atMs);
    case "tags.provision":
      return model.provision(made, act.body.class);
    case "contract.open":
      return model.open(act.body.number, act.body.lines ?? [], act.body.dueAt ?? null);
    case "contract.amend": {
      const { number, amend } = act.body;
      return model.amend(number, amend.lines ?? [], amend.dueAt ?? "");
    }
    case "contract.act":
      return model.act(act.body.number, act.body.act, atMs);
    case "contract.merge":
      return model.merge(act.body.number, act.body.into);
    case "lot.record": {
      const { number, lot } = act.body;
      return model.lot(number, lot.name, lot.action === "added" ? lot.quantity : -lot.quantity);
    }
    case "session.begin": {
      const { id, mode, contract } = act.body;
      return model.begin(id, {
        mode,
        ...(contract === undefined ? {} : { contract }),
        ...(expected === undefined ? {} : { expected }),
      });
    }
    case "session.close": {
      const { session, close } = act.body;
      const { count = 0, digest = "" } = close;
      return model.close(session, { count, digest }, atMs);
    }
    case "quarantine.dismiss":
      return model.dismiss(tagIn(act.body.tag));
    case "events.undo":
      return model.undoSession(act.body.session ?? "");
    case "class.define":
      return undefined;
  }
};

export const openMonthModel = () => {
  const model = new RecordsModel();
  /** What was answered once is answered so again, and done no more; a row that changed nothing left no answer. */
  const answered = new Map<string, Said>();
  const wrong: string[] = [];

  const note = (
    act: Act,
    answer: TurnOutcome["answers"][number] | undefined,
    expected: readonly string[] | undefined,
  ) => {
    const before = answered.get(act.id);
    const made = answer !== undefined && "tags" in answer ? (answer.tags ?? []) : [];
    const told = before ?? expectationOf(model, act, { expected, made });
    if (told === undefined) return;
    const isKept = told.fault === undefined && (act.kind !== "import" || told.outcome === "accepted");
    if (isKept) answered.set(act.id, told);
    const said = saidBy(answer);
    if (isDeepStrictEqual(said, told)) return;
    const what = act.kind === "scan" ? `${act.scan.type} of ${act.scan.tag}` : act.kind;
    wrong.push(`${what} (${act.id}) is ${JSON.stringify(said)}, by the model ${JSON.stringify(told)}`);
  };

  return {
    note: (acts: readonly Act[], outcome: TurnOutcome, expected: readonly string[] | undefined): void => {
      for (const [index, act] of acts.entries())
        note(act, outcome.answers[index], index === 0 ? expected : undefined);
    },
    /** What is not as the model has it, of what something was said of after a position. */
    wrong: ({ rows }: MonthSite, sincePos: number): string[] => {
      const told = [...wrong];
      if (rows.items.size !== model.items.size)
        told.push(`${rows.items.size} items are there, by the model ${model.items.size}`);
      for (const [tag, { status, contract, class: name, replacedBy, pos }] of rows.items) {
        if (pos <= sincePos) continue;
        const item = model.items.get(tag);
        const own = [item?.status, item?.contract, item?.class, item?.replacedBy];
        const kept = [status, contract, name, replacedBy ?? undefined];
        if (!isDeepStrictEqual(kept, own)) told.push(`item ${tag} is ${kept}, by the model ${own}`);
      }
      for (const [number, { contract }] of rows.contracts) {
        if (contract.pos <= sincePos) continue;
        const view = model.contractView(number);
        const own = view.state === "merged" ? { state: view.state, mergedInto: view.mergedInto } : view;
        const kept = contractView(contract);
        if (!has(kept, own))
          told.push(`contract ${number} is ${JSON.stringify(kept)}, by the model ${JSON.stringify(own)}`);
      }
      for (const [id, { session, duplicates }] of rows.sessions) {
        if (session.pos <= sincePos) continue;
        const own = { ...model.sessionView(id), duplicates: model.sessions.get(id)?.duplicates };
        const kept = { ...sessionView(session), duplicates };
        if (!has(kept, own))
          told.push(`session ${id} is ${JSON.stringify(kept)}, by the model ${JSON.stringify(own)}`);
      }
      return told;
    },
  };
};
export type MonthModel = ReturnType<typeof openMonthModel>;
