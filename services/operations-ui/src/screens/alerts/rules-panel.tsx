import type { AlertRule, SavedAlertRule } from "@tagwire/messages";
import { Plus } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { fetchRules } from "../../api/alerts.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { RuleForm } from "./rule-form.tsx";
import { RuleLine } from "./rule-line.tsx";

/** What is watched for: rules to make, change, try and take away. */
export const RulesPanel = () => {
  const site = useSite();
  const [rules, setRules] = useState<readonly AlertRule[]>();
  const [wrong, setWrong] = useState<string>();
  /** The id of the rule that is changed, or a new one. */
  const [edited, setEdited] = useState<string>();
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [reads, setReads] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was changed is read again
  useEffect(() => {
    const leave = new AbortController();
    void fetchRules(site.id, leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind === "ok") setRules(answer.value.data);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => leave.abort();
  }, [site.id, reads]);
  const readAgain = useCallback(() => setReads((count) => count + 1), []);
  const saved = (rule: SavedAlertRule): void => {
    setWarnings(rule.warnings.map(({ message }) => message));
    setEdited(undefined);
    readAgain();
  };
  return (
    <Panel
      title="Rules"
      aside={
        <Button onClick={() => setEdited("new")}>
          <Plus aria-hidden="true" className="size-4" />
          New rule
        </Button>
      }
    >
      {wrong !== undefined && (
        <p role="alert" className="px-4 pb-3 text-sm font-semibold text-missing sm:px-5">
          {wrong}
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} role="status" className="px-4 pb-3 text-sm font-semibold text-service sm:px-5">
          Saved, but: {warning}
        </p>
      ))}
      {edited === "new" && <RuleForm onSaved={saved} onLeave={() => setEdited(undefined)} />}
      {rules === undefined ? (
        <Waiting>Asking for the rules…</Waiting>
      ) : rules.length === 0 ? (
        <Waiting>Nothing is watched for.</Waiting>
      ) : (
        <ul>
          {rules.map((rule) =>
            rule.id === edited ? (
              <li key={rule.id}>
                <RuleForm rule={rule} onSaved={saved} onLeave={() => setEdited(undefined)} />
              </li>
            ) : (
              <RuleLine key={rule.id} rule={rule} onEdit={() => setEdited(rule.id)} onChanged={readAgain} />
            ),
          )}
        </ul>
      )}
    </Panel>
  );
};
