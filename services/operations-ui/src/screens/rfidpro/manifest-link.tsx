import type { RfidproRun } from "@tagwire/messages";
import { manifestPath } from "../../api/rfidpro.ts";
import { buttonClass } from "../../look/button.tsx";

/** The signed manifest of a pull, as a file; nothing for one that has none. */
export const ManifestLink = ({ run }: { run: RfidproRun }) =>
  run.manifest === null ? null : (
    <a className={buttonClass("quiet")} href={manifestPath(run.id)} download>
      Manifest
    </a>
  );
