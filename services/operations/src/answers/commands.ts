import { type Command, type CommandResult, Fault, ledgerNameOf, type Scan } from "@tagwire/messages";
import type { Act, ActCommand } from "../actors/act.ts";
import type { Origin } from "../actors/decision.ts";
import type { Answer } from "../actors/site.ts";
import type { SiteTurns } from "../turns.ts";
import { importOutcome } from "./import-outcome.ts";
import { withinAnswer } from "./page.ts";

/** Ids in the one spelling in which Postgres gives them back: the chain of the log is made over what is read from it. */
const inOneSpelling = (scan: Scan): Scan => ({
  ...scan,
  id: scan.id.toLowerCase(),
  ...(scan.session === undefined ? {} : { session: scan.session.toLowerCase() }),
});

type ActsCommand = Exclude<Command, { kind: "site.create" | "audit.barrier" | "rule.run" }>;

/** The command as one act. Begun sessions and counted lots are known by the id that their device made. */
const actOf = (command: ActCommand, origin: Origin): Act => {
  const id = command.id.toLowerCase();
  switch (command.kind) {
    case "session.begin": {
      const body = { ...command.body, id: command.body.id.toLowerCase() };
      return { kind: command.kind, id: body.id, origin, body };
    }
    case "session.close":
    case "session.join":
    case "session.declare":
      return {
        ...{ kind: command.kind, id, origin },
        body: { ...command.body, session: command.body.session.toLowerCase() },
      } as Act;
    case "lot.record":
      return { kind: command.kind, id: command.body.lot.id.toLowerCase(), origin, body: command.body };
    default:
      return { kind: command.kind, id, origin, body: command.body } as Act;
  }
};

/** A command as the acts that it comes to. */
export const actsOf = (command: ActsCommand): Act[] => {
  const { by, traceparent } = command;
  const origin = { by, receivedAt: new Date(command.receivedAt).toISOString(), traceparent };
  if (command.kind === "scans.record") {
    const { scans, sentAt, device } = command.body;
    const clock =
      sentAt === undefined ? {} : { clockOffsetMs: Date.parse(sentAt) - Date.parse(command.receivedAt) };
    const counted = device === undefined ? {} : { countedBy: ledgerNameOf(device) };
    return scans
      .map(inOneSpelling)
      .map((scan) => ({ kind: "scan", id: scan.id, origin, scan, ...clock, ...counted }));
  }
  if (command.kind === "items.import") {
    const { rows, onlyNew = false } = command.body;
    return rows.map(({ id, ...body }) => ({
      kind: "import",
      id: id.toLowerCase(),
      origin,
      onlyNew,
      body,
    }));
  }
  return [actOf(command, origin)];
};

const isRehearsal = (command: ActsCommand): boolean =>
  (command.kind === "items.import" && command.body.dryRun) ||
  (command.kind === "scans.record" && command.body.rehearse === true);

const orThrow = (answer: Answer | Fault | undefined): Answer => {
  if (answer === undefined) throw new Fault("internal", "no answer");
  if (answer instanceof Fault) throw answer;
  return answer;
};

/** Takes a command through its site's turn and answers it after the commit. */
export const answerCommand = async (
  turns: SiteTurns,
  site: string,
  command: Exclude<Command, { kind: "rule.run" }>,
): Promise<CommandResult[Command["kind"]]> => {
  if (command.kind === "site.create") {
    if (command.body.id !== site) throw new Fault("malformed", "site");
    const begun = await turns.tell(site, { kind: "create-site", command });
    if (begun instanceof Fault) throw begun;
    if ("site" in begun) return begun;
    throw new Fault("internal", "no site in the answer");
  }
  if (command.kind === "audit.barrier") {
    const placed = await turns.tell(site, { kind: "barrier", command });
    if (placed instanceof Fault) throw placed;
    if ("barrier" in placed) return placed;
    throw new Fault("internal", "no barrier in the answer");
  }
  const acts = actsOf(command);
  const kind = isRehearsal(command) ? "rehearsal" : "acts";
  const answer = await turns.tell(site, { kind, acts });
  if (answer instanceof Fault) throw answer;
  const answers = "answers" in answer ? answer.answers : [];
  if (command.kind === "scans.record") return { receipts: answers.map((one) => orThrow(one).receipt) };
  if (command.kind === "items.import")
    return { outcomes: acts.map((act, index) => importOutcome(act, answers[index], kind === "rehearsal")) };
  return resultOf(command.kind, orThrow(answers[0]));
};

/** What an undo is answered with. What is committed must be told, however many it was: an answer that does not fit is none. */
export const undoResult = ({
  receipt,
  undone = [],
}: Pick<Answer, "receipt" | "undone">): CommandResult["events.undo"] => {
  const named = withinAnswer(undone);
  return { undone: named, more: undone.length - named.length, receipt };
};

/** What a command of a kind is answered with. */
const resultOf = (kind: ActCommand["kind"], answer: Answer): CommandResult[ActCommand["kind"]] => {
  const {
    receipt,
    item,
    contract = null,
    session = null,
    rentalClass = null,
    tags = [],
    confirmed,
    dismissed = [],
  } = answer;
  switch (kind) {
    case "item.create":
      if (item === null) throw new Fault("internal", "created without an item");
      return { item, receipt };
    case "item.patch":
    case "item.retag":
      return { item, receipt };
    case "tags.provision":
      return { tags, receipt };
    case "tags.confirm":
      if (confirmed === undefined) throw new Fault("internal", "confirmed without tags");
      return { confirmed, receipt };
    case "class.define":
      return { class: rentalClass, receipt };
    case "settings.note":
    case "site.migrate":
    case "rule.set":
    case "zone.set":
    case "photo.add":
    case "photo.delete":
      return { receipt };
    case "session.begin":
    case "session.close":
    case "session.join":
    case "session.declare":
      return { session, receipt };
    case "quarantine.dismiss":
      return { scans: dismissed, receipt };
    case "events.undo":
      return undoResult(answer);
    default:
      return { contract, receipt };
  }
};
