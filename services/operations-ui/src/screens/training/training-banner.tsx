import { isTrainingSite } from "@tagwire/messages";
import { GraduationCap } from "lucide-react";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";

/** Over every screen of a training site: nobody may take its figures for real, nor real work for practice. */
export const TrainingBanner = () => {
  const { id } = useSite();
  if (!isTrainingSite(id)) return null;
  return (
    <p className="border-b border-line bg-service-wash px-4 py-1.5 text-center text-xs font-semibold text-balance text-service sm:text-sm print:border-0">
      <GraduationCap aria-hidden="true" className="mr-2 inline size-4 align-text-bottom" />
      Training site: nothing here is real.{" "}
      <a
        href={routeText({ site: id, screen: "training" })}
        className="inline-flex min-h-7 items-center underline"
      >
        Practise
      </a>
    </p>
  );
};
