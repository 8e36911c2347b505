import { isTrainingSite } from "@tagwire/messages";
import { createSite } from "../../api/sites.ts";
import { Button } from "../../look/button.tsx";
import { Panel } from "../../look/panel.tsx";
import { go } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { Practice } from "./practice.tsx";
import { insist } from "./school.ts";
import { schoolOf } from "./school-site.ts";
import { useDeed } from "./use-deed.ts";

/** Practice happens at a site of its own: from a real one this screen only leads there. */
export const TrainingScreen = () => (isTrainingSite(useSite().id) ? <Practice /> : <ToTraining />);

const ToTraining = () => {
  const site = useSite();
  const { busy, wrong, run } = useDeed();
  const school = schoolOf(site);
  const open = () =>
    run(async () => {
      await insist(createSite(school));
      go({ site: school.id, screen: "training" });
    });
  return (
    <div className="p-3 sm:p-4">
      <Panel title="Training">
        <div className="grid max-w-prose gap-3 px-4 pb-4 sm:px-5">
          <p>
            New hands practise at a site of its own, with made-up stock and a reader that hears what you put
            before it. Nothing there touches {site.name}: no item, no contract, no figure.
          </p>
          <p className="text-sm text-soft">
            It is called {school.name} ({school.id}). Every screen there says that it is for training.
          </p>
          <Button kind="primary" disabled={busy} onClick={() => void open()} className="justify-self-start">
            {busy ? "Opening…" : "Open the training site"}
          </Button>
          {wrong !== undefined && (
            <p role="alert" className="text-sm font-semibold text-missing">
              {wrong}
            </p>
          )}
        </div>
      </Panel>
    </div>
  );
};
