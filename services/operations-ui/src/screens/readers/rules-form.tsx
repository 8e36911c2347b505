import type { ReadRules } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { patchReader } from "../../api/readers.ts";
import { Button } from "../../look/button.tsx";
import { Panel } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { RuleFields } from "./rule-fields.tsx";
import { type RuleTexts, rulesOf, textsOf } from "./rule-texts.ts";

/** What the reads of this reader are held to. What is left empty is as everywhere in the installation; a station's rules go before these. */
export const RulesForm = ({ id, rules }: { id: string; rules: ReadRules }) => {
  const site = useSite();
  const [edited, setEdited] = useState<RuleTexts>();
  const [said, setSaid] = useState<{ text: string; isWrong: boolean }>();
  const [isSending, setSending] = useState(false);
  const texts = edited ?? textsOf(rules);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const next = rulesOf(rules, texts);
    if ("wrong" in next) return setSaid({ text: next.wrong, isWrong: true });
    setSending(true);
    const answer = await patchReader(site.id, id, { rules: next.rules });
    setSending(false);
    if (answer.kind === "signed_out") return;
    if (answer.kind === "refused") return setSaid({ text: answer.refusal.message, isWrong: true });
    setEdited(undefined);
    setSaid({ text: "Saved. It holds from now on, without a new connection.", isWrong: false });
  };
  return (
    <Panel title="Rules for its reads">
      <form
        aria-label="Rules"
        noValidate
        onSubmit={(event) => void submit(event)}
        className="grid items-start gap-3 px-4 pb-4 sm:grid-cols-[repeat(auto-fit,minmax(12rem,1fr))] sm:px-5"
      >
        <RuleFields
          texts={texts}
          placeholder="as everywhere"
          set={(next) => {
            setEdited(next);
            setSaid(undefined);
          }}
        />
        <div className="col-span-full flex flex-wrap items-center gap-3">
          <Button kind="primary" type="submit" disabled={isSending || edited === undefined}>
            {isSending ? "Saving…" : "Save rules"}
          </Button>
          <p
            role="status"
            className={`text-sm font-semibold break-words ${said?.isWrong === true ? "text-missing" : ""}`}
          >
            {said?.text}
          </p>
        </div>
      </form>
    </Panel>
  );
};
