// Past switches, and one of them in full: its timeline, and its evidence to take away.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useCallback, useEffect, useState } from "react";
import { historySchema, paths, type ShownHistory } from "../contract.ts";
import { Outcome, useActing } from "./act.tsx";
import { PastRun } from "./past-run.tsx";
import { get } from "./requests.ts";
import { When } from "./when.tsx";

type Shown = ShownHistory["switches"][number];

export function HistoryView() {
  const [history, setHistory] = useState<ShownHistory | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const { act, ...acting } = useActing();
  const read = useCallback(async () => {
    setHistory(await get(`${paths.history}?since=90d`, historySchema));
    return "";
  }, []);
  // Once, as the view opens; then when asked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: act is new at each drawing
  useEffect(() => void act(read), [read]);
  return (
    <SpaceBetween size="l">
      <Table
        variant="container"
        wrapLines
        loading={acting.isBusy}
        loadingText="Reading the executions of both Regions"
        items={history?.switches ?? []}
        trackBy="executionArn"
        columnDefinitions={columns(setChosen)}
        empty={<Box>{history === null ? "Not read." : "No switch is on record."}</Box>}
        header={
          <Header
            variant="h1"
            description="Of the last 90 days: AWS keeps an execution's history as long."
            actions={
              <Button iconName="refresh" ariaLabel="Read again" onClick={() => void act(read)} />
            }
          >
            History
          </Header>
        }
      />
      {history?.unknown.map((line) => (
        <StatusIndicator key={line} type="pending">
          unknown: {line}
        </StatusIndicator>
      ))}
      <Outcome acting={{ ...acting, act }} />
      {chosen === null ? null : <PastRun key={chosen} name={chosen} />}
    </SpaceBetween>
  );
}

function columns(choose: (run: string) => void) {
  return [
    {
      id: "when",
      minWidth: 250,
      header: "Completed",
      cell: ({ completedAt }: Shown) => (completedAt === null ? "–" : <When at={completedAt} />),
    },
    {
      id: "what",
      header: "Switch",
      isRowHeader: true,
      cell: ({ mode, direction, from, to, executionArn }: Shown) => (
        <Link onFollow={() => choose(executionArn)}>
          {mode} {direction} from {from} to {to}
        </Link>
      ),
    },
    { id: "epoch", header: "Epoch", cell: ({ epoch }: Shown) => epoch ?? "–" },
    {
      id: "status",
      header: "Ended",
      minWidth: 140,
      cell: ({ status }: Shown) => (
        <StatusIndicator type={status === "SUCCEEDED" ? "success" : "error"}>
          {status.toLowerCase()}
        </StatusIndicator>
      ),
    },
    { id: "who", header: "Asked for by", cell: ({ requestedBy }: Shown) => whoOf(requestedBy) },
    {
      id: "loss",
      header: "Loss bound, pause",
      cell: ({ lossBoundSeconds: loss, writePauseSeconds: pause }: Shown) =>
        `${rounded(loss)}, ${rounded(pause)}`,
    },
  ];
}

const whoOf = (by: string) => (by.startsWith("arn:") ? (by.split(":").at(-1) ?? by) : by);
const rounded = (value: number | null) => (value === null ? "–" : `${value.toFixed(1)} s`);
