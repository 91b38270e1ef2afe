// What the reader must know before believing anything below: the server is silent, the deployment
// can't be read, a Region doesn't answer, a question waits.
import Button from "@cloudscape-design/components/button";
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import type { ConsoleState } from "../contract.ts";
import type { Live } from "./live.ts";
import { span } from "./when.tsx";

type Item = FlashbarProps.MessageDefinition;

export function Banners({ live }: { readonly live: Live }) {
  const items = [...ofServer(live), ...(live.state === null ? [] : ofState(live.state))];
  if (items.length === 0) return null;
  return <Flashbar items={items} />;
}

function ofServer({ silent, state }: Live): Item[] {
  if (silent === null) return [];
  const old = state === null ? "" : " What is shown below is old.";
  return [
    { id: "server", type: "error", header: "Server unreachable", content: `${silent}${old}` },
  ];
}

function ofState(state: ConsoleState): Item[] {
  const { silent, ageSeconds, status } = state;
  if (silent !== null && status === null) {
    return [{ id: "start", type: "in-progress", loading: true, content: silent }];
  }
  const items: Item[] = [];
  if (silent !== null) {
    const age = ageSeconds === null ? "" : ` What is shown is ${span(ageSeconds)} old.`;
    items.push({ id: "silent", type: "error", content: `${silent}${age}` });
  }
  for (const { region, answered, why } of status?.regions ?? []) {
    if (answered) continue;
    const content = `${why ?? "It did not answer"}. What it alone could tell is unknown.`;
    items.push({ id: region, type: "warning", header: `${region} unreachable`, content });
  }
  return [...items, ...unread(state), ...waiting(state)];
}

function unread({ status }: ConsoleState): Item[] {
  return (status?.divergence ?? []).map(({ epoch, words }) => ({
    id: `divergence ${epoch}`,
    type: "warning",
    header: `What epoch ${epoch} left behind has not been read`,
    content: `${words}. Items and versions: switchback divergence.`,
  }));
}

function waiting({ status }: ConsoleState): Item[] {
  return (status?.approvals ?? []).map(({ id, direction, source, target }) => ({
    id,
    type: "info",
    header: "Approval needed",
    content: `A ${direction} from ${source} to ${target} waits for an answer.`,
    action: <Button href="#/switch">Read and answer</Button>,
  }));
}
