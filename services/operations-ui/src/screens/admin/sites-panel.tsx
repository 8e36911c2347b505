import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "../../look/button.tsx";
import { Panel } from "../../look/panel.tsx";
import { go } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { SiteForm } from "../entry/site-form.tsx";

/** This site, and another one when a house opens it. */
export const SitesPanel = () => {
  const { id, name, timeZone } = useSite();
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel
      title="Sites"
      aside={
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Plus aria-hidden="true" className="size-4" />
          New site
        </Button>
      }
    >
      <p className="px-4 pb-4 text-sm sm:px-5">
        You are at <span className="font-semibold">{name}</span> ({id}, {timeZone}). The name at the top of
        each screen leads to the others.
      </p>
      {isOpen && (
        <div className="max-w-xl border-t border-line bg-sunken px-4 py-4 sm:px-5">
          <SiteForm onCreated={(site) => go({ site: site.id, screen: "live" })} />
        </div>
      )}
    </Panel>
  );
};
