import { type Command, type CommandResult, Fault, type Scan } from "@tagwire/messages";
import type { Act } from "../actors/act.ts";
import type { Answer } from "../actors/site.ts";
import type { SiteTurns } from "../turns.ts";
import { importOutcome } from "./import-outcome.ts";

type ActCommand = Exclude<Command, { kind: "site.create" }>;

/** Ids in the one spelling in which Postgres gives them back: the chain of the log is made over what is read from it. */
const inOneSpelling = (scan: Scan): Scan => ({
  ...scan,
  id: scan.id.toLowerCase(),
  ...(scan.session === undefined ? {} : { session: scan.session.toLowerCase() }),
});

const actsOf = (command: ActCommand): Act[] => {
  const { by, traceparent } = command;
  const origin = { by, receivedAt: new Date(command.receivedAt).toISOString(), traceparent };
  switch (command.kind) {
    case "item.create":
      return [{ kind: "create", id: command.id.toLowerCase(), origin, body: command.body }];
    case "item.patch":
      return [{ kind: "patch", id: command.id.toLowerCase(), origin, body: command.body }];
    case "scans.record":
      return command.body.scans
        .map(inOneSpelling)
        .map((scan) => ({ kind: "scan", id: scan.id, origin, scan }));
    case "items.import":
      return command.body.rows.map(({ id, ...body }) => ({
        kind: "import",
        id: id.toLowerCase(),
        origin,
        body,
      }));
  }
};

const orThrow = (answer: Answer | Fault | undefined): Answer => {
  if (answer === undefined) throw new Fault("internal", "no answer");
  if (answer instanceof Fault) throw answer;
  return answer;
};

/** Takes a command through its site's turn and answers it after the commit. */
export const answerCommand = async (
  turns: SiteTurns,
  site: string,
  command: Command,
): Promise<CommandResult[Command["kind"]]> => {
  if (command.kind === "site.create") {
    if (command.body.id !== site) throw new Fault("malformed", "site");
    const begun = await turns.tell(site, { kind: "create-site", command });
    if (begun instanceof Fault) throw begun;
    if ("site" in begun) return begun;
    throw new Fault("internal", "no site in the answer");
  }
  const acts = actsOf(command);
  const isRehearsal = command.kind === "items.import" && command.body.dryRun;
  const answer = await turns.tell(site, { kind: isRehearsal ? "rehearsal" : "acts", acts });
  if (answer instanceof Fault) throw answer;
  const answers = "answers" in answer ? answer.answers : [];
  if (command.kind === "scans.record") return { receipts: answers.map((answer) => orThrow(answer).receipt) };
  if (command.kind === "items.import")
    return { outcomes: acts.map((act, index) => importOutcome(act, answers[index])) };
  const { item, receipt } = orThrow(answers[0]);
  if (command.kind === "item.patch") return { item, receipt };
  if (item === null) throw new Fault("internal", "created without an item");
  return { item, receipt };
};
