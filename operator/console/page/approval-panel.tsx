// A question that a run asks: what it is about, how long there is to answer, and the two answers.
// What is answered is bound to the hash of what stands here.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { type ApprovalShown, doneSchema, paths } from "../contract.ts";
import { Outcome, useActing } from "./act.tsx";
import { post } from "./requests.ts";
import { span, When } from "./when.tsx";

interface Props {
  readonly approval: ApprovalShown;
  /** By the deployment's clocks. */
  readonly now: number;
}

export function ApprovalPanel({ approval, now }: Props) {
  const { direction, source, target, expiresAt, epoch, hash } = approval;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            <>
              Asked <When at={approval.askedAt} now={now} />; {span((expiresAt - now) / 1000)} left.
              No answer means no.
            </>
          }
        >
          Approve a {direction} from {source} to {target}?
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ul className="sentences">
          {approval.sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <dl className="facts">
          <dt>Loss bound</dt>
          <dd>
            {approval.lossBoundSeconds === null
              ? "unknown"
              : `at most ${Math.ceil(approval.lossBoundSeconds)} s of acknowledged writes`}
            ; a planned switch that drains loses none
          </dd>
          {(approval.divergence ?? []).map((words) => (
            <Acknowledged key={words} words={words} />
          ))}
          <dt>Epoch, hash</dt>
          <dd>
            {epoch}, <code title={hash}>{hash.slice(0, 12)}</code>
          </dd>
        </dl>
        <AnswerForm approval={approval} />
      </SpaceBetween>
    </Container>
  );
}

function Acknowledged({ words }: { readonly words: string }) {
  return (
    <>
      <dt>Approving acknowledges</dt>
      <dd>{words} (read it with: switchback divergence)</dd>
    </>
  );
}

function AnswerForm({ approval: { id, hash, direction } }: Pick<Props, "approval">) {
  const [reason, setReason] = useState("");
  const acting = useActing();
  const send = (approved: boolean) =>
    acting.act(async () => {
      const body = { id, hash, approved, ...(reason === "" ? {} : { reason }) };
      return (await post(paths.answer, body, doneSchema)).message;
    });
  return (
    <SpaceBetween size="m">
      <FormField label="Reason">
        <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
      <SpaceBetween size="xs" direction="horizontal">
        <Button variant="primary" loading={acting.isBusy} onClick={() => void send(true)}>
          Approve the {direction}
        </Button>
        <Button disabled={acting.isBusy} onClick={() => void send(false)}>
          Reject
        </Button>
      </SpaceBetween>
      <Outcome acting={acting} />
    </SpaceBetween>
  );
}
