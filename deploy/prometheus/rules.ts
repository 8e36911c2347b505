import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { alerts } from "./alerts.ts";
import { sloGroup } from "./burn-rate.ts";
import { type Alert, alertingRule, isAlerting, type RuleFile, type RuleGroup } from "./rule-file.ts";
import { slos } from "./slos.ts";

const folder = join(import.meta.dirname, "rules");

const groupOf = (service: string, members: readonly Alert[]): RuleGroup => ({
  name: `tagwire ${service}`,
  rules: members.map(alertingRule),
});

const byService = Map.groupBy(alerts, ({ service }) => (service.startsWith("{{") ? "all" : service));

/** What each file in `rules/` holds. */
export const ruleFiles: Readonly<Record<string, RuleFile>> = {
  "slos.yaml": { groups: slos.map(sloGroup) },
  "alerts.yaml": { groups: [...byService].map(([service, members]) => groupOf(service, members)) },
};

/** The names of all alerts. */
export const alertNames: readonly string[] = Object.values(ruleFiles).flatMap(({ groups }) =>
  groups.flatMap(({ rules }) => rules.filter(isAlerting).map(({ alert }) => alert)),
);

const notice = "# Made from the TypeScript beside this folder by `npx tagwire rules`. Change it there.\n";

/** A rule file as it is written. */
export const textOf = (file: RuleFile): string => notice + stringify(file, { lineWidth: 0 });

/** What is checked in under a name. @throws when there is none */
export const readRuleFile = (name: string): string => readFileSync(join(folder, name), "utf8");

/** Writes all of them. @returns their paths */
export const writeRuleFiles = (): string[] =>
  Object.entries(ruleFiles).map(([name, file]) => {
    const path = join(folder, name);
    writeFileSync(path, textOf(file));
    return path;
  });
