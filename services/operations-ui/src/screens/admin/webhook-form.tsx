import type { NewWebhook } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { createWebhook } from "../../api/webhooks.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";

/** Adds an endpoint: its address, and which events it wants. */
export const WebhookForm = ({ onMade }: { onMade: (webhook: NewWebhook) => void }) => {
  const site = useSite();
  const [url, setUrl] = useState("");
  const [types, setTypes] = useState("");
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (url.trim() === "") return setWrong("Say where events are posted to.");
    const wanted = types.split(/[,\s]+/).filter((type) => type !== "");
    setBusy(true);
    const answer = await createWebhook({
      ...{ site: site.id, url: url.trim() },
      ...(wanted.length === 0 ? {} : { types: wanted }),
    });
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind !== "ok") return;
    setUrl("");
    setTypes("");
    onMade(answer.value);
  };
  return (
    <form
      aria-label="New endpoint"
      noValidate
      className="grid items-start gap-3 sm:grid-cols-[2fr_1fr_auto]"
      onSubmit={(event) => void make(event)}
    >
      <TextField
        label="New endpoint"
        inputMode="url"
        placeholder="https://example.com/tagwire"
        value={url}
        error={wrong}
        onChange={(event) => setUrl(event.target.value)}
      />
      <TextField
        label="Only types (optional)"
        placeholder="item.*, contract.closed"
        value={types}
        onChange={(event) => setTypes(event.target.value)}
      />
      <Button type="submit" disabled={isBusy} className="justify-self-start sm:mt-6">
        Add it
      </Button>
    </form>
  );
};
