// The page's frame: where one is, what is wrong with what one sees, and the view.
import AppLayout from "@cloudscape-design/components/app-layout";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import { useEffect, useState } from "react";
import type { ConsoleState } from "../contract.ts";
import { Banners } from "./banners.tsx";
import { HistoryView } from "./history-view.tsx";
import { LabView } from "./lab-view.tsx";
import { type Live, useLive } from "./live.ts";
import { Overview } from "./overview.tsx";
import { SwitchView } from "./switch-view.tsx";
import { TopBar } from "./top-bar.tsx";
import { usePlace } from "./when.tsx";

const labels = {
  navigation: "Views",
  navigationToggle: "Open the views",
  navigationClose: "Close the views",
};

export function App() {
  const place = usePlace();
  const [chosen, setChosen] = useState<string | null>(null);
  const [running, setRunning] = useState<string | null>(null);
  const [isOpen, setOpen] = useRoomForViews();
  const live = useLive(chosen ?? running);
  const going = runningNow(live.state);
  // Kept when it has ended, so that its end can be read.
  if (going !== null && going !== running) setRunning(going);
  return (
    <>
      <TopBar state={live.state} />
      <AppLayout
        ariaLabels={labels}
        toolsHide
        navigationWidth={220}
        navigationOpen={isOpen}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        headerSelector="#bar"
        navigation={<Views place={place} state={live.state} />}
        notifications={<Banners live={live} />}
        stickyNotifications
        content={<View place={place} live={live} choose={setChosen} />}
      />
    </>
  );
}

/** Open where there is room beside the view, and at every change of that; else as the reader
 * wishes. */
function useRoomForViews() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const room = matchMedia("(min-width: 1000px)");
    const follow = () => setOpen(room.matches);
    follow();
    room.addEventListener("change", follow);
    return () => room.removeEventListener("change", follow);
  }, []);
  return [isOpen, setOpen] as const;
}

function runningNow(state: ConsoleState | null): string | null {
  const runs = state?.status?.runs.flatMap(({ executions }) => executions ?? []) ?? [];
  return runs[0] ?? null;
}

function Views({ place, state }: { place: string; state: ConsoleState | null }) {
  const waiting = state?.status?.approvals.length ?? 0;
  const isLab = state?.deployment?.kind !== "aws";
  return (
    <SideNavigation
      activeHref={`#/${place}`}
      items={[
        { type: "link", text: "Overview", href: "#/overview" },
        {
          ...{ type: "link", text: "Switch", href: "#/switch" },
          ...(waiting === 0 ? {} : { info: <span className="count">{waiting} waiting</span> }),
        },
        { type: "link", text: "History", href: "#/history" },
        ...(isLab ? [{ type: "link", text: "Lab", href: "#/lab" } as const] : []),
      ]}
    />
  );
}

export interface ViewProps {
  readonly live: Live;
  /** Which run is shown, by name or ARN; null: the one that runs. */
  choose(run: string | null): void;
}

function View({ place, ...props }: ViewProps & { readonly place: string }) {
  switch (place) {
    case "switch":
      return <SwitchView {...props} />;
    case "history":
      return <HistoryView />;
    case "lab":
      return <LabView {...props} />;
    default:
      return <Overview {...props} />;
  }
}
