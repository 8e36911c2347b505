import type { AlertKind, AlertParams } from "@tagwire/messages";

/** What a rule is asked for, as a form has it: everything is text, and lists have semicolons. */
export type RuleField = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly how: "number" | "numbers" | "text" | "texts" | "choice" | "choices" | "limits";
  readonly choices?: readonly string[];
  readonly isOptional?: true;
};
export type RuleTexts = Readonly<Record<string, string>>;

/** The queues of service, which stand beside schemas in the messages. */
const queues = ["inspect", "repair", "wash", "wet"] as const;
const onlyThese = "Separated by semicolons; all without any.";

/** The fields of each kind of rule. */
export const ruleFields: Record<AlertKind, readonly RuleField[]> = {
  stale: [
    { name: "days", label: "Days without any scan", how: "number" },
    {
      ...{ name: "limits", label: "Other limits", how: "limits", isOptional: true },
      hint: "Of a role or a place, such as resale 90; pack 120.",
    },
  ],
  overdue: [
    { name: "days", label: "Days late that nobody minds", how: "number", isOptional: true },
    {
      ...{ name: "kinds", label: "Kinds of contract", how: "choices", isOptional: true },
      choices: ["rental", "laundry", "manual"],
    },
  ],
  missing: [{ name: "classes", label: "Only classes", how: "texts", hint: onlyThese, isOptional: true }],
  queue_age: queues.map((queue) => ({
    ...{ name: `hours.${queue}`, label: `Hours in ${queue}`, how: "number", isOptional: true },
  })),
  reader_silent: [
    { name: "minutes", label: "Minutes without inventory", how: "number" },
    { name: "minutesWithoutReads", label: "Minutes without a read", how: "number", isOptional: true },
    { name: "readers", label: "Only readers", how: "texts", hint: onlyThese, isOptional: true },
  ],
  finding_opened: [
    { name: "codes", label: "Only codes", how: "texts", hint: onlyThese, isOptional: true },
    {
      ...{ name: "severities", label: "Only as severe as", how: "choices", isOptional: true },
      choices: ["info", "warning", "critical"],
    },
  ],
  webhook_failing: [
    { name: "webhooks", label: "Only endpoints", how: "texts", hint: onlyThese, isOptional: true },
  ],
  threshold: [
    {
      ...{ name: "figure", label: "Figure", how: "text" },
      hint: "A path into the dashboard, such as /totals/quarantined, or a board, such as /boards/contracts/counts/overdue.",
    },
    { name: "comparator", label: "Is", how: "choice", choices: [">", ">=", "<", "<=", "==", "!="] },
    { name: "value", label: "Value", how: "number" },
    { name: "clearValue", label: "Over again beyond", how: "number", isOptional: true },
    {
      name: "steps",
      label: "Told again at",
      how: "numbers",
      hint: "Separated by semicolons.",
      isOptional: true,
    },
    { name: "forSeconds", label: "For seconds", how: "number" },
  ],
};

/** What a new rule of a kind begins with. */
export const ruleDefaults: Record<AlertKind, RuleTexts> = {
  stale: { days: "360", limits: "resale 90; pack 120" },
  overdue: {},
  missing: {},
  queue_age: { "hours.wash": "48" },
  reader_silent: { minutes: "5" },
  finding_opened: {},
  webhook_failing: {},
  threshold: { figure: "/totals/quarantined", comparator: ">", value: "0", forSeconds: "0" },
};

const listOf = (text: string): string[] =>
  text
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one !== "");

type Limit = { readonly name: string; readonly days: number };
const limitOf = (text: string): Limit => {
  const [, name = text, days = ""] = /^(.*?)\s+(\S+)$/.exec(text) ?? [];
  return { name, days: Number(days) };
};

const readValue = ({ how }: RuleField, text: string): unknown => {
  switch (how) {
    case "number":
      return Number(text);
    case "numbers":
      return listOf(text).map(Number);
    case "texts":
    case "choices":
      return listOf(text);
    case "limits":
      return listOf(text).map(limitOf);
    case "text":
    case "choice":
      return text.trim();
  }
};

const textOf = ({ how }: RuleField, value: unknown): string => {
  if (value === undefined) return "";
  if (how === "limits") return (value as Limit[]).map(({ name, days }) => `${name} ${days}`).join("; ");
  return Array.isArray(value) ? value.join("; ") : String(value);
};

/** Whether a text can be what a field asks for; the server has the last word on everything else. */
const isPlausible = (field: RuleField, text: string): boolean => {
  const value = readValue(field, text);
  if (field.how === "number") return Number.isFinite(value);
  if (field.how === "numbers") return (value as number[]).every(Number.isFinite);
  if (field.how === "limits")
    return (value as Limit[]).every(({ days }) => Number.isInteger(days) && days > 0);
  return true;
};

/** The first field whose text is missing or no number. */
export const wrongField = (kind: AlertKind, texts: RuleTexts): RuleField | undefined =>
  ruleFields[kind].find((field) => {
    const text = texts[field.name]?.trim() ?? "";
    return text === "" ? field.isOptional !== true : !isPlausible(field, text);
  });

/** The parameters of a rule from the texts of its form. Call after {@link wrongField}. */
export const paramsOf = (kind: AlertKind, texts: RuleTexts): AlertParams => {
  const params: Record<string, unknown> = kind === "stale" ? { limits: [] } : {};
  for (const field of ruleFields[kind]) {
    const text = texts[field.name]?.trim() ?? "";
    if (text === "") continue;
    const [first = "", second] = field.name.split(".");
    const value = readValue(field, text);
    params[first] = second === undefined ? value : { ...(params[first] as object), [second]: value };
  }
  return params as AlertParams;
};

/** The texts of a form from the parameters of a rule. */
export const textsOf = (kind: AlertKind, params: AlertParams): RuleTexts =>
  Object.fromEntries(
    ruleFields[kind].map((field) => {
      const [first = "", second] = field.name.split(".");
      const outer = (params as Record<string, unknown>)[first];
      const value = second === undefined ? outer : (outer as Record<string, unknown> | undefined)?.[second];
      return [field.name, textOf(field, value)];
    }),
  );
