import type { AlertRule, Channel, PatchAlertRule } from "@tagwire/messages";
import { ChoiceField } from "../../look/choice-field.tsx";
import { TextField } from "../../look/field.tsx";

/** Who is told of a rule's alerts and when not, as a form has it. */
export type Telling = {
  readonly channels: readonly string[];
  readonly mails: string;
  readonly webhooks: string;
  readonly quietFrom: string;
  readonly quietTo: string;
  readonly quietDays: readonly string[];
  readonly escalateAfter: string;
};

const channelLabels = { in_app: "In this app", push: "By push" } as const;
const dayWords: Readonly<Record<string, string>> = {
  ...{ 1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri", 6: "Sat", 7: "Sun" },
};

const listOf = (text: string): string[] => text.split(/[;,\s]+/).filter((one) => one !== "");

export const tellingOf = (rule: AlertRule | undefined): Telling => {
  const channels = rule?.channels ?? [{ kind: "in_app" }];
  const mail = channels.find((channel) => channel.kind === "email");
  const hooks = channels.find((channel) => channel.kind === "webhook");
  return {
    channels: channels.map(({ kind }) => kind).filter((kind) => kind in channelLabels),
    mails: mail?.to.join(", ") ?? "",
    webhooks: hooks?.webhooks.join(", ") ?? "",
    quietFrom: rule?.quietHours?.from ?? "",
    quietTo: rule?.quietHours?.to ?? "",
    quietDays: (rule?.quietHours?.days ?? []).map(String),
    escalateAfter: rule?.escalateAfterMinutes?.toString() ?? "",
  };
};

/** What of it cannot be meant so, in words; undefined when all of it can. */
export const wrongTelling = ({ quietFrom, quietTo, escalateAfter }: Telling): string | undefined => {
  if ((quietFrom === "") !== (quietTo === "")) return "Quiet hours need both: from and to.";
  if (!/^\s*\d*\s*$/.test(escalateAfter)) return "Say after how many whole minutes it is told again.";
  return undefined;
};

/** What of it is said to the server. Whom an escalation tells besides is no part of the form, and stays. */
export const tellingPatch = (telling: Telling, rule: AlertRule | undefined): PatchAlertRule => {
  const { channels, mails, webhooks, quietFrom, quietTo, quietDays, escalateAfter } = telling;
  const told: Channel[] = channels.map((kind) => ({ kind }) as Channel);
  const to = listOf(mails);
  if (to.length > 0) told.push({ kind: "email", to });
  const hooks = listOf(webhooks);
  if (hooks.length > 0) told.push({ kind: "webhook", webhooks: hooks });
  const days = quietDays.map(Number);
  const isQuiet = quietFrom !== "" && quietTo !== "";
  return {
    channels: told,
    quietHours: isQuiet ? { from: quietFrom, to: quietTo, ...(days.length === 0 ? {} : { days }) } : null,
    escalateAfterMinutes: escalateAfter.trim() === "" ? null : Number(escalateAfter),
    ...(rule?.escalateTo === undefined ? {} : { escalateTo: rule.escalateTo }),
  };
};

type Props = { telling: Telling; onChange: (telling: Telling) => void };

/** Who is told, and when nobody is. */
export const TellingFields = ({ telling, onChange }: Props) => {
  const set = (changes: Partial<Telling>): void => onChange({ ...telling, ...changes });
  return (
    <div className="grid items-start gap-3 sm:grid-cols-3">
      <ChoiceField
        label="Tell"
        choices={Object.keys(channelLabels)}
        words={channelLabels}
        chosen={telling.channels}
        onChange={(channels) => set({ channels })}
      />
      <TextField
        label="By e-mail to (optional)"
        value={telling.mails}
        inputMode="email"
        onChange={(event) => set({ mails: event.target.value })}
      />
      <TextField
        label="Endpoints (optional)"
        hint="Ids of webhooks of this site, from Admin."
        value={telling.webhooks}
        onChange={(event) => set({ webhooks: event.target.value })}
      />
      <TextField
        label="Quiet from (optional)"
        type="time"
        value={telling.quietFrom}
        onChange={(event) => set({ quietFrom: event.target.value })}
      />
      <TextField
        label="Quiet to (optional)"
        hint="In the time of the site; may go over midnight."
        type="time"
        value={telling.quietTo}
        onChange={(event) => set({ quietTo: event.target.value })}
      />
      <TextField
        label="Tell again after minutes (optional)"
        hint="While nobody has taken it up."
        inputMode="numeric"
        value={telling.escalateAfter}
        onChange={(event) => set({ escalateAfter: event.target.value })}
      />
      <div className="sm:col-span-3">
        <ChoiceField
          label="Quiet hours begin on (every day without any)"
          choices={Object.keys(dayWords)}
          words={dayWords}
          chosen={telling.quietDays}
          onChange={(quietDays) => set({ quietDays })}
        />
      </div>
    </div>
  );
};
