import { scansBody } from "../api/scans.ts";
import { saveFile } from "../look/save-file.ts";
import type { Command } from "./command.ts";
import type { Outbox } from "./outbox.ts";

/** Scans in one request, as the API takes them. */
const scansPerBodyMax = 1_000;

/**
 * Everything that this device holds, in a file that needs no Tagwire page: each of `requests` is a POST as it stands, for whoever has an API
 * key. The ids make it safe to hand in what the device has sent itself, or sends later.
 */
export const rescueFile = (waiting: readonly Command[], stored: readonly object[]) => {
  const groups = Map.groupBy(waiting, ({ site, incarnation }) => `${site} ${incarnation}`);
  const requests = [...groups.values()].flatMap((own) =>
    Array.from({ length: Math.ceil(own.length / scansPerBodyMax) }, (_, part) => ({
      method: "POST",
      path: `/api/v1/sites/${own[0]?.site ?? ""}/scans`,
      body: scansBody(own.slice(part * scansPerBodyMax, (part + 1) * scansPerBodyMax)),
    })),
  );
  return { kind: "tagwire.rescue", madeAt: new Date().toISOString(), requests, stored };
};

/** Saves it where the person wants it. */
export const saveRescueFile = async (outbox: Outbox): Promise<void> => {
  const { attention } = outbox.get();
  const unanswered = attention.filter(({ receipt }) => receipt === undefined);
  const file = rescueFile([...outbox.waitingCommands(), ...unanswered], await outbox.everything());
  const name = `tagwire-rescue-${file.madeAt.slice(0, 19).replaceAll(":", "")}.json`;
  saveFile({ name, type: "application/json", text: JSON.stringify(file, null, 1) });
};
