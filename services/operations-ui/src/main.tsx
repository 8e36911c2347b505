import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { takeSignInToken } from "./api/session.ts";
import { App } from "./app.tsx";
import "./look/look.css";
import { startTheme } from "./look/theme.ts";
import { startRoute } from "./route.ts";
import { createStation } from "./scan/station.ts";
import { createSessionKeeper } from "./session-keeper.ts";

const token = takeSignInToken();
startTheme();
startRoute();

const station = createStation();
const keeper = createSessionKeeper(() => station.sender.hurry());
void keeper.start(token);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App keeper={keeper} station={station} />
  </StrictMode>,
);
