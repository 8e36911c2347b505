import { Fault } from "@tagwire/messages";
import { tslBasics, tslClear } from "@tagwire/reader-lines";
import type { DriverHost, DriverSettings } from "../driver.ts";
import type { Line } from "../line/line.ts";
import { orRefused } from "../line/or-refused.ts";
import { question } from "./questions.ts";

const powerDbm = { min: 2, max: 30 } as const;

/** Asks and gives the values of the reply by their letters. */
export const askValues = async (
  line: Line<string>,
  command: string,
): Promise<ReadonlyMap<string, string>> => {
  const asked = question(command);
  await line.ask(asked);
  return new Map(asked.reply().map(({ key, value }) => [key, value]));
};

const identify = async (line: Line<string>, host: DriverHost): Promise<void> => {
  const said = await askValues(line, ".vr");
  // The serial number begins with the model: 1128-EU-000123.
  const [model = ""] = (said.get("US") ?? "").split("-");
  const firmware = [said.get("UF"), said.get("RF")].filter((part) => part !== undefined).join(" / ");
  host.notice({ kind: "identified", model: `TSL ${model}`.trim(), firmware, antennas: 1 });
};

/** An option that the reader has to know, or say that it does not. */
const set = (line: Line<string>, option: string, what: string): Promise<string> =>
  orRefused(line, { what, code: "reader.settings" }, line.ask(question(`.iv ${option} -n`)));

/** Finds out who is there and sets what a round needs; options stay until they are set again. */
export const setUp = async (
  line: Line<string>,
  settings: DriverSettings,
  host: DriverHost,
): Promise<void> => {
  if (settings.antennas.length > 1) throw new Fault("reader.settings", "a TSL reader has one antenna");
  line.send(Buffer.from(tslClear, "latin1"));
  await identify(line, host);
  try {
    await line.ask(question(tslBasics));
  } catch (fault) {
    const isRefusal = fault instanceof Fault && ["reader.error", "reader.settings"].includes(fault.code);
    if (line.hasEnded || !isRefusal) throw fault;
    host.notice({
      kind: "warning",
      code: "tsl_options",
      message: "older firmware: reads come without strength",
    });
  }
  const wanted = settings.antennas[0]?.powerDbm;
  if (wanted !== undefined) {
    if (!Number.isInteger(wanted) || wanted < powerDbm.min || wanted > powerDbm.max)
      throw new Fault(
        "reader.settings",
        `${wanted} dBm: whole dBm from ${powerDbm.min} to ${powerDbm.max} can be set`,
      );
    await set(line, `-o ${wanted}`, `${wanted} dBm`);
  }
  if (settings.session !== undefined)
    await set(line, `-qs s${settings.session}`, `session ${settings.session}`);
};
