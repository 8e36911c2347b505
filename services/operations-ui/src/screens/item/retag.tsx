import { useRef, useState } from "react";
import { uuidv7 } from "uuidv7";
import type { ItemFacts } from "../../api/items.ts";
import { retagItem } from "../../api/retag.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { go, useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { useAct } from "../use-act.ts";

const ended: ReadonlySet<string> = new Set(["sold", "retired"]);

/** A thing gets another tag and goes on as it was; whoever does it is led to its life under the new one. */
export const Retag = ({ facts }: { facts: ItemFacts }) => {
  const site = useSite();
  const { screen, query } = useRoute();
  const act = useAct();
  const id = useRef(uuidv7());
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  if (facts.replacedBy != null)
    return facts.replacedBy === facts.tag ? null : (
      <p className="px-4 pt-4 text-sm sm:px-6">
        The thing carries{" "}
        <Button
          kind="quiet"
          className="font-mono"
          onClick={() => go({ site: site.id, screen, query, tag: facts.replacedBy ?? undefined })}
        >
          {facts.replacedBy}
        </Button>{" "}
        now.
      </p>
    );
  if (ended.has(facts.status)) return null;
  const change = async (): Promise<void> => {
    const why = reason.trim() === "" ? {} : { reason: reason.trim() };
    const body = { to: to.trim(), ...why };
    const done = await act.run(() => retagItem(site.id, { tag: facts.tag, id: id.current, body }));
    if (done === undefined) return;
    go({ site: site.id, screen, query, tag: done.item.tag });
  };
  return (
    <section aria-label="Another tag" className="grid justify-items-start gap-3 px-4 pt-4 sm:px-6">
      <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? "It keeps its tag" : "Give it another tag"}
      </Button>
      {isOpen && (
        <div className="grid w-full gap-3 sm:grid-cols-2">
          <TextField
            label="The new tag"
            hint="As it is printed or written on the chip."
            value={to}
            maxLength={1_024}
            onChange={(event) => {
              setTo(event.target.value);
              id.current = uuidv7();
            }}
          />
          <TextField
            label="Why (optional)"
            value={reason}
            maxLength={500}
            onChange={(event) => {
              setReason(event.target.value);
              id.current = uuidv7();
            }}
          />
          <SureButton
            sure={`Yes, it is ${to.trim()} from now on`}
            disabled={act.busy || to.trim() === ""}
            onSure={() => void change()}
          >
            Change the tag…
          </SureButton>
          <WrongSaid wrong={act.wrong} />
        </div>
      )}
    </section>
  );
};
