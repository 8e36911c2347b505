import { useRoute } from "../../route.ts";
import { Fleet } from "./fleet.tsx";
import { ReaderPage } from "./reader-page.tsx";
import { SettingsFile } from "./settings-file.tsx";
import { StationsPanel } from "./stations-panel.tsx";

/** The readers of the site, or all there is of one of them. */
export const ReadersScreen = () => {
  const id = useRoute().query.get("reader");
  return (
    <div className="grid gap-3 p-3 sm:gap-4 sm:p-4">
      {id === null ? (
        <>
          <Fleet />
          <StationsPanel />
          <SettingsFile />
        </>
      ) : (
        <ReaderPage key={id} id={id} />
      )}
    </div>
  );
};
