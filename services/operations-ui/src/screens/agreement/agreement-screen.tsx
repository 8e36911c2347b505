import { useRoute } from "../../route.ts";
import { AuditPanel } from "./audit-panel.tsx";
import { DeviceLossPanel } from "./device-loss-panel.tsx";
import { FindingPage } from "./finding-page.tsx";
import { FindingsPanel } from "./findings-panel.tsx";
import { LossPanel } from "./loss-panel.tsx";

/** Whether both sides agree, how that was proven, and what does not; or all there is of one finding. */
export const AgreementScreen = () => {
  const id = useRoute().query.get("finding");
  return (
    <div className="grid min-w-0 gap-3 p-3 sm:gap-4 sm:p-4">
      {id === null ? (
        <>
          <AuditPanel />
          <FindingsPanel />
          <LossPanel />
          <DeviceLossPanel />
        </>
      ) : (
        <FindingPage key={id} id={id} />
      )}
    </div>
  );
};
