/** `npx tagwire audit <site>`: proves now that both sides agree, and says what does not. Ends with 0 when they do, 3 when not. */
import { type Audit, type Finding, unprovenText } from "@tagwire/messages";
import { call, faultOf } from "./call.ts";
import { say, siteCommand } from "./tool-command.ts";
import { toolUsage } from "./tool-options.ts";

const usage = toolUsage("audit <site>");
const disagreeing = 3;
const findingsShown = 20;
const findingsAsked = 200;
const severities = ["critical", "high", "medium"];
const auditTimeoutMs = 120_000;

const verdictWords: Readonly<Record<Audit["verdict"], string>> = {
  agree: "both sides agree",
  differ: "something does not agree",
  incomplete: "nothing is proven: the audit did not come to its end",
};

const tierWords: Readonly<Record<Audit["tiers"][number]["tier"], string>> = {
  T0: "who is there, and what came in",
  T1: "sums of all rows",
  T2: "rows that differ",
  T3: "rows and log from the ground",
  T4: "what belongs together, and lives by their events",
  T5: "clocks and the order of time",
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

await siteCommand(usage, async (access, { site, json }) => {
  const path = `/sites/${encodeURIComponent(site)}`;
  const answer = await call(access, "POST", `${path}/audits`, undefined, auditTimeoutMs);
  if (answer.status !== 201) throw faultOf("audit", answer);
  const audit = answer.body as Audit;
  if (json) say(JSON.stringify(audit));
  else {
    const at = audit.barrier === null ? "" : ` at ${audit.barrier.epoch}:${audit.barrier.pos}`;
    say(`${site}: ${verdictWords[audit.verdict]}${at}, ${seconds(audit.durationMs)}`);
    if (audit.why !== null) say(`  ${audit.why}`);
    for (const { tier, checked, found, durationMs } of audit.tiers)
      say(`  ${tier}  ${tierWords[tier]}: ${checked} checked, ${found} found, ${seconds(durationMs)}`);
    for (const one of audit.unproven ?? []) say(`  not looked into: ${unprovenText(one)}`);
  }
  // Clocks that are wrong are found, too, and are no disagreement.
  if (!json && (audit.found.length > 0 || audit.verdict !== "agree")) {
    const query = `state=suspect,open,acknowledged,in_review&limit=${findingsAsked}`;
    const found = await call(access, "GET", `${path}/findings?${query}`);
    if (found.status !== 200) throw faultOf("findings", found);
    const { data } = found.body as { data: Finding[] };
    // What weighs most comes first, however long ago it was seen.
    const all = data.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
    for (const { code, key, state, advice, evidence } of all.slice(0, findingsShown)) {
      const what = evidence.detail ?? evidence.fields?.join(", ") ?? "";
      say(`  ${state} ${code} ${key}${what === "" ? "" : `: ${what}`}\n      ${advice}`);
    }
    if (all.length > findingsShown)
      say(
        `  and ${all.length - findingsShown}${all.length === findingsAsked ? " or more" : ""} others, on the screen Audits`,
      );
  }
  return audit.verdict === "agree" ? 0 : disagreeing;
});
