import { Entry } from "./entry.tsx";
import { SiteForm } from "./site-form.tsx";

/** There is no site yet: the first thing to do is to name one. */
export const FirstSite = ({ onCreated }: { onCreated: () => void }) => (
  <Entry
    title="Create your first site"
    note="A site is one place with one stock: a warehouse, a depot, a shop."
  >
    <div className="mt-8">
      <SiteForm onCreated={onCreated} />
    </div>
  </Entry>
);
