import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { takeSignInToken } from "./api/session.ts";
import { App } from "./app.tsx";
import "./look/look.css";
import { startTheme } from "./look/theme.ts";
import { badgeWith } from "./outbox/badge.ts";
import { readPersistence } from "./outbox/persistence.ts";
import { startRoute } from "./route.ts";
import { createStation, type Station } from "./scan/station.ts";
import { PageFault } from "./screens/entry/page-fault.tsx";
import { createSessionKeeper, type SessionKeeper } from "./session-keeper.ts";
import { startUpdates } from "./shell/updates.ts";
import { countOf } from "./words/time.ts";

const token = takeSignInToken();
startTheme();
startRoute();

const station: Station = createStation(() => keeper.link());
const keeper: SessionKeeper = createSessionKeeper({
  person: station.setPerson,
  connected: station.outbox.hurry,
  linked: station.linkChanged,
  whyStay: () => {
    const { own } = station.outbox.get();
    return own === 0 ? undefined : `${countOf(own, "scan")} of yours not confirmed yet.`;
  },
});
void keeper.start(token);
void readPersistence();
badgeWith(station.outbox);
startUpdates(() => station.outbox.get().waiting === 0 && station.get().settings.session === null);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <PageFault>
      <App keeper={keeper} station={station} />
    </PageFault>
  </StrictMode>,
);
