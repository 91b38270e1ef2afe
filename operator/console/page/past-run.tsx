// One past run, read once: how it ended, its steps, its timeline, and the download of its evidence,
// which `switchback audit verify` checks once it is unpacked.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { paths, type RunShown, runSchema } from "../contract.ts";
import { get } from "./requests.ts";
import { RunGraph } from "./run-graph.tsx";
import { RunStands } from "./run-panel.tsx";
import { Timeline } from "./timeline.tsx";

/** `name`: its ARN. */
export function PastRun({ name }: { readonly name: string }) {
  const [run, setRun] = useState<RunShown | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const path = `${paths.runs}/${encodeURIComponent(name)}`;
  useEffect(() => {
    get(path, runSchema).then(setRun, (error: unknown) =>
      setWhy(error instanceof Error ? error.message : String(error)),
    );
  }, [path]);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={name}
          actions={
            <Button href={`${path}/bundle`} download iconName="download">
              Download evidence
            </Button>
          }
        >
          The run
        </Header>
      }
    >
      {run === null ? <Waiting why={why} /> : <Read run={run} />}
    </Container>
  );
}

function Waiting({ why }: { readonly why: string | null }) {
  if (why !== null) return <StatusIndicator type="error">{why}</StatusIndicator>;
  return <StatusIndicator type="loading">Reading its history …</StatusIndicator>;
}

function Read({ run }: { readonly run: RunShown }) {
  return (
    <SpaceBetween size="m">
      <RunStands run={run} />
      <RunGraph run={run} />
      <Timeline entries={run.entries} />
    </SpaceBetween>
  );
}
