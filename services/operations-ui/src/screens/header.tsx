import { Menu } from "@base-ui/react/menu";
import type { Site } from "@tagwire/messages";
import { Check, ChevronsUpDown, GraduationCap, LogOut, Presentation, Settings } from "lucide-react";
import { createContext, type ReactNode, type RefObject, useContext, useRef } from "react";
import type { Session } from "../api/session.ts";
import { setHeld, useHeldSinceMs } from "../live/hold.ts";
import { buttonClass } from "../look/button.tsx";
import mark from "../look/mark.svg";
import { chooseTheme, type ThemeChoice, useThemeChoice } from "../look/theme.ts";
import { go } from "../route.ts";
import { useStation, useStationState } from "../scan/station.ts";
import type { SessionKeeper } from "../session-keeper.ts";
import { useSite } from "../site-context.ts";
import { personText } from "../words/by.ts";
import { LookUpButton } from "./look-up/look-up-button.tsx";
import { StatePill } from "./state-pill.tsx";

type Props = { site: Site; sites: readonly Site[]; session: Session; keeper: SessionKeeper };

const popupClass =
  "z-50 max-h-[80dvh] min-w-56 overflow-y-auto rounded-lg border border-edge bg-panel p-1.5 shadow-xl outline-none";
const itemClass =
  "hit flex items-center gap-3 rounded-md px-3 text-sm font-medium outline-none select-none data-highlighted:bg-raised";

/* Menus open inside the header, so that they stay within a landmark. */
const PopupHome = createContext<RefObject<HTMLElement | null> | undefined>(undefined);

export const Header = ({ site, sites, session, keeper }: Props) => {
  const home = useRef<HTMLElement>(null);
  return (
    <PopupHome value={home}>
      <header
        ref={home}
        className="flex h-14 shrink-0 items-center gap-1 border-b border-line bg-panel px-2 sm:gap-2 sm:px-4 md:h-16"
      >
        <img src={mark} alt="" className="mx-1 hidden size-8 sm:block" />
        <span className="sr-only font-semibold tracking-tight lg:not-sr-only lg:mr-2 lg:border-r lg:border-line lg:py-1 lg:pr-5">
          Tagwire
        </span>
        <SiteMenu site={site} sites={sites} />
        <div className="ml-auto flex items-center gap-1 sm:gap-2">
          <LookUpButton />
          <StatePill />
          <Preferences session={session} keeper={keeper} />
        </div>
      </header>
    </PopupHome>
  );
};

const Popup = ({ children, align }: { children: ReactNode; align: "start" | "end" }) => (
  <Menu.Portal container={useContext(PopupHome)}>
    <Menu.Positioner sideOffset={6} align={align} className="z-50">
      <Menu.Popup className={popupClass}>{children}</Menu.Popup>
    </Menu.Positioner>
  </Menu.Portal>
);

const Choice = ({ value, children }: { value: string; children: ReactNode }) => (
  <Menu.RadioItem value={value} className={itemClass} closeOnClick>
    <span className="grid size-4 place-items-center">
      <Menu.RadioItemIndicator>
        <Check aria-hidden="true" className="size-4" />
      </Menu.RadioItemIndicator>
    </span>
    {children}
  </Menu.RadioItem>
);

/* The one h1 of the page is the site: everything below it is about that site. */
const SiteMenu = ({ site, sites }: { site: Site; sites: readonly Site[] }) => {
  if (sites.length < 2)
    return <h1 className="truncate px-2 text-base font-semibold tracking-tight">{site.name}</h1>;
  return (
    <h1 className="min-w-0">
      <Menu.Root>
        <Menu.Trigger className={`${buttonClass("quiet")} max-w-full min-w-0 px-2! text-base!`}>
          <span className="truncate">{site.name}</span>
          <ChevronsUpDown aria-hidden="true" className="size-4 shrink-0 text-soft" />
          <span className="sr-only">, change site</span>
        </Menu.Trigger>
        <Popup align="start">
          <Menu.RadioGroup value={site.id} onValueChange={(id: string) => go({ site: id, screen: "live" })}>
            {sites.map((each) => (
              <Choice key={each.id} value={each.id}>
                {each.name}
              </Choice>
            ))}
          </Menu.RadioGroup>
        </Popup>
      </Menu.Root>
    </h1>
  );
};

const themeWords: Record<ThemeChoice, string> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
  floor: "Floor, high contrast",
};

const Preferences = ({ session, keeper }: { session: Session; keeper: SessionKeeper }) => {
  const theme = useThemeChoice();
  const station = useStation();
  const { settings } = useStationState();
  const isHeld = useHeldSinceMs() !== undefined;
  const site = useSite();
  return (
    <Menu.Root>
      <Menu.Trigger className={`${buttonClass("quiet")} px-3!`} aria-label="Preferences and account">
        <Settings aria-hidden="true" className="size-5" />
      </Menu.Trigger>
      <Popup align="end">
        <Menu.RadioGroup value={theme} onValueChange={(choice: ThemeChoice) => chooseTheme(choice)}>
          <Menu.Group>
            <Menu.GroupLabel className="caption px-3 pt-2 pb-1">Look</Menu.GroupLabel>
            {Object.entries(themeWords).map(([choice, word]) => (
              <Choice key={choice} value={choice}>
                {word}
              </Choice>
            ))}
          </Menu.Group>
        </Menu.RadioGroup>
        <Menu.Separator className="mx-2 my-1.5 h-px bg-line" />
        <Menu.CheckboxItem
          checked={!settings.muted}
          onCheckedChange={(on) => station.change({ muted: !on })}
          className={itemClass}
        >
          <span className="grid size-4 place-items-center">
            <Menu.CheckboxItemIndicator>
              <Check aria-hidden="true" className="size-4" />
            </Menu.CheckboxItemIndicator>
          </span>
          Scan tones
        </Menu.CheckboxItem>
        <Menu.CheckboxItem checked={isHeld} onCheckedChange={(on) => setHeld(on)} className={itemClass}>
          <span className="grid size-4 place-items-center">
            <Menu.CheckboxItemIndicator>
              <Check aria-hidden="true" className="size-4" />
            </Menu.CheckboxItemIndicator>
          </span>
          Hold everything still
        </Menu.CheckboxItem>
        <Menu.Separator className="mx-2 my-1.5 h-px bg-line" />
        <Menu.Item className={itemClass} onClick={() => go({ site: site.id, screen: "training" })}>
          <GraduationCap aria-hidden="true" className="size-4" />
          Training
        </Menu.Item>
        <Menu.Item className={itemClass} onClick={() => go({ site: site.id, screen: "wall" })}>
          <Presentation aria-hidden="true" className="size-4" />
          Figures for a wall
        </Menu.Item>
        <Menu.Separator className="mx-2 my-1.5 h-px bg-line" />
        <Menu.Group>
          <Menu.GroupLabel className="caption px-3 pt-2 pb-1">
            Signed in as {personText(session.name)}
          </Menu.GroupLabel>
          <Menu.Item className={itemClass} onClick={() => void keeper.leave()}>
            <LogOut aria-hidden="true" className="size-4" />
            Sign out
          </Menu.Item>
        </Menu.Group>
      </Popup>
    </Menu.Root>
  );
};
