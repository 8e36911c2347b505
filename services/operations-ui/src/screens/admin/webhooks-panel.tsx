import type { NewWebhook } from "@tagwire/messages";
import { useState } from "react";
import { fetchWebhooks } from "../../api/webhooks.ts";
import { Panel } from "../../look/panel.tsx";
import { SecretOnce } from "../../look/secret-once.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { ListedRows } from "./listed.tsx";
import { useListed } from "./use-listed.ts";
import { WebhookForm } from "./webhook-form.tsx";
import { WebhookLine } from "./webhook-line.tsx";

/** Deliveries go on by themselves, and how they do is looked at again so often while somebody looks. */
const lookAgainMs = 5_000;

/** Endpoints that this site's events are posted to. */
export const WebhooksPanel = () => {
  const site = useSite();
  const [made, setMade] = useState<NewWebhook>();
  const { rows, wrong, readAgain } = useListed((signal) => fetchWebhooks(site.id, signal), {
    ...{ key: site.id, everyMs: lookAgainMs },
  });
  const showSecret = (webhook: NewWebhook): void => {
    setMade(webhook);
    readAgain();
  };
  return (
    <Panel title="Webhooks">
      <div className="grid gap-3 px-4 pb-4 sm:px-5">
        <WebhookForm onMade={showSecret} />
        {made !== undefined && (
          <SecretOnce
            label={`Signing secret of ${made.url}`}
            secret={made.secret}
            says="The receiver verifies the header webhook-signature with it."
            onDone={() => setMade(undefined)}
          />
        )}
        <WrongSaid wrong={wrong} />
      </div>
      <ListedRows rows={rows} asking="Asking for the endpoints…" nothing="Nothing is posted anywhere.">
        {(webhook) => (
          <WebhookLine key={webhook.id} webhook={webhook} onChanged={readAgain} onSecret={showSecret} />
        )}
      </ListedRows>
    </Panel>
  );
};
