import type { NewWebhook, Webhook } from "@tagwire/messages";
import { CircleCheck, CircleSlash, TriangleAlert } from "lucide-react";
import { useId, useState } from "react";
import type { Answer } from "../../api/http.ts";
import {
  deleteWebhook,
  enableWebhook,
  patchWebhook,
  replayWebhook,
  rotateWebhook,
  testWebhook,
} from "../../api/webhooks.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { countText } from "../../words/time.ts";
import { attemptText, disabledWords } from "../../words/webhooks.ts";
import { Deliveries } from "./deliveries.tsx";

type Props = { webhook: Webhook; onChanged: () => void; onSecret: (webhook: NewWebhook) => void };

/** From before everything: the log's own beginning. */
const beginning = "0:0";

/** One endpoint: how it does, what it was posted, and what can be done about it. */
export const WebhookLine = ({ webhook, onChanged, onSecret }: Props) => {
  const { id, url, types, state } = webhook;
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ readonly text: string; readonly isWrong: boolean }>();
  const titleId = useId();
  const run = async <T,>(work: Promise<Answer<T>>, then: (value: T) => string | undefined): Promise<void> => {
    setBusy(true);
    const answer = await work;
    setBusy(false);
    const text = answer.kind === "ok" ? then(answer.value) : undefined;
    if (answer.kind === "refused") setSaid({ text: answer.refusal.message, isWrong: true });
    else setSaid(text === undefined ? undefined : { text, isWrong: false });
    onChanged();
  };
  const isOff = state === "disabled";
  return (
    <li aria-labelledby={titleId} className="grid gap-2 border-t border-line px-4 py-3 text-sm sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateBadge webhook={webhook} />
        <h3 id={titleId} className="min-w-0 text-base font-semibold break-all">
          {url}
        </h3>
      </div>
      <p className="text-soft">
        {types === null ? "All events" : types.join(", ")} · made <Age at={webhook.createdAt} /> ·{" "}
        <span className="tabular-nums">
          {countText(webhook.counts.delivered)} delivered, {countText(webhook.waiting.deliveries)} waiting,{" "}
          {countText(webhook.counts.failed)} given up
        </span>{" "}
        · id <span className="font-mono text-xs break-all">{id}</span>
      </p>
      {webhook.lastAttempt !== null && !webhook.lastAttempt.ok && (
        <p className="font-semibold text-service">
          The last attempt: {attemptText(webhook.lastAttempt)}, <Age at={webhook.lastAttempt.at} />
        </p>
      )}
      {said !== undefined && (
        <p
          role={said.isWrong ? "alert" : "status"}
          className={`font-semibold ${said.isWrong ? "text-missing" : ""}`}
        >
          {said.text}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide deliveries" : "Deliveries"}
        </Button>
        <Button
          disabled={isBusy}
          onClick={() =>
            void run(
              testWebhook(id),
              (test) => `The test ${test.ok ? "arrived" : "did not arrive"}: ${attemptText(test)}.`,
            )
          }
        >
          Test it
        </Button>
        <Button
          disabled={isBusy}
          onClick={() =>
            void run(isOff ? enableWebhook(id, {}) : patchWebhook(id, { enabled: false }), () => undefined)
          }
        >
          {isOff ? "Switch on" : "Switch off"}
        </Button>
        <SureButton
          sure="Yes, deliver everything again"
          disabled={isBusy}
          onSure={() =>
            void run(replayWebhook(id, { from: beginning }), () => "Everything is delivered again, in order.")
          }
        >
          Replay…
        </SureButton>
        <SureButton
          sure="Yes, a new secret"
          disabled={isBusy}
          onSure={() =>
            void run(rotateWebhook(id), (next) => {
              onSecret(next);
              return "The old secret signs along for 24 hours.";
            })
          }
        >
          New secret…
        </SureButton>
        <SureButton
          sure="Yes, remove it and its deliveries"
          disabled={isBusy}
          onSure={() => void run(deleteWebhook(id), () => undefined)}
        >
          Remove…
        </SureButton>
      </div>
      {isOpen && <Deliveries webhook={webhook} onChanged={onChanged} />}
    </li>
  );
};

const StateBadge = ({ webhook: { state, disabledReason, failingSince } }: { webhook: Webhook }) => {
  if (state === "disabled")
    return (
      <Badge
        icon={CircleSlash}
        tone="ended"
        word={disabledReason === null ? "Off" : `Off: ${disabledWords[disabledReason]}`}
      />
    );
  return failingSince === null ? (
    <Badge icon={CircleCheck} tone="ready" word="On" />
  ) : (
    <Badge icon={TriangleAlert} tone="missing" word="Failing" />
  );
};
