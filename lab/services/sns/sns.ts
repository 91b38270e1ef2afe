// SNS of all Regions: topics with their policies, and who is told. A message that was accepted is
// an event of the lab's log; nobody reads mail here. The lab keeps no KMS key policies, but one
// thing is known: CloudWatch alarms can't publish to a topic encrypted with AWS's own key
// (alias/aws/sns). Source: "Amazon SNS key management", event sources.
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import { fails } from "../../faults/hindrances.ts";
import type {
  AwsRequest,
  AwsResponse,
  AwsService,
  Json,
  Lab,
  Principal,
  ResourceModels,
} from "../../kernel.ts";

export interface Message {
  readonly subject: string | null;
  readonly message: string;
  readonly by: Principal;
}

export interface Sns {
  readonly service: AwsService;
  readonly models: ResourceModels;
  /** As an AWS service publishes: the topic's policy must allow it. `sourceArn`: on whose
   * behalf. Resolves to whether the message was taken. */
  publishAsService(topicArn: string, message: Message, sourceArn: string): Promise<boolean>;
}

interface Topic {
  readonly arn: string;
  readonly region: Region;
  readonly name: string;
  readonly awsManagedKey: boolean;
  readonly statements: Json[];
  readonly subscribers: string[];
}

const topicProperties = z.looseObject({
  TopicName: z.string().optional(),
  KmsMasterKeyId: z.string().optional(),
});
const policyProperties = z.looseObject({
  Topics: z.array(z.string()),
  PolicyDocument: z.looseObject({ Statement: z.array(z.json()) }),
});
const subscriptionProperties = z.looseObject({
  TopicArn: z.string(),
  Protocol: z.enum(["email", "email-json"]),
  Endpoint: z.string(),
});

export type SnsLab = Pick<Lab, "account" | "log" | "iam" | "random" | "hindrance">;

export function createSns(lab: SnsLab): Sns {
  const topics = new Map<string, Topic>();
  const find = (arn: string): Topic => {
    const topic = topics.get(arn);
    if (topic === undefined) throw new Error(`there is no topic ${arn}`);
    return topic;
  };
  const accept = (topic: Topic, { subject, message, by }: Message) => {
    const { name, region } = topic;
    lab.log.emit("notification", region, { topic: name, subject, message, by: by.arn });
  };
  return {
    service: snsService(lab, (arn) => topics.get(arn), accept),
    models: snsModels(lab, topics, find),
    async publishAsService(topicArn, message, sourceArn) {
      const topic = find(topicArn);
      if (fails(lab.hindrance(topic.region, "sns"))) return false;
      const context = {
        "aws:SourceArn": sourceArn,
        "aws:SourceAccount": lab.account,
        "aws:SecureTransport": "true",
      };
      const demand = { action: "sns:Publish", resource: topicArn, context };
      const policy = { Version: "2012-10-17", Statement: topic.statements };
      const allowed = await lab.iam.allows(message.by, demand, policy);
      if (!allowed || topic.awsManagedKey) return false;
      accept(topic, message);
      return true;
    },
  };
}

function snsModels(
  { account }: SnsLab,
  topics: Map<string, Topic>,
  find: (arn: string) => Topic,
): ResourceModels {
  return {
    "AWS::SNS::Topic": ({ region, stack, logicalId, properties }) => {
      const { TopicName, KmsMasterKeyId } = topicProperties.parse(properties);
      const name = TopicName ?? `${stack}-${logicalId}`;
      const arn = `arn:aws:sns:${region}:${account}:${name}`;
      const awsManagedKey = KmsMasterKeyId?.endsWith("alias/aws/sns") ?? false;
      topics.set(arn, { arn, region, name, awsManagedKey, statements: [], subscribers: [] });
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
    },
    "AWS::SNS::TopicPolicy": ({ stack, logicalId, properties }) => {
      const { Topics, PolicyDocument } = policyProperties.parse(properties);
      for (const arn of Topics) find(arn).statements.push(...PolicyDocument.Statement);
      return { ref: `${stack}-${logicalId}`, attributes: {} };
    },
    "AWS::SNS::Subscription": ({ logicalId, properties }) => {
      const { TopicArn, Endpoint } = subscriptionProperties.parse(properties);
      find(TopicArn).subscribers.push(Endpoint);
      const arn = `${TopicArn}:${logicalId}`;
      return { ref: arn, attributes: { Arn: arn } };
    },
  };
}

const publishSchema = z.strictObject({
  Action: z.literal("Publish"),
  Version: z.string(),
  TopicArn: z.string(),
  Message: z.string().min(1),
  Subject: z
    .string()
    .regex(/^[\x21-\x7e][\x20-\x7e]{0,98}$/)
    .optional(),
});

/** The Query protocol: a form in, XML out. */
function snsService(
  { random }: SnsLab,
  find: (arn: string) => Topic | undefined,
  accept: (topic: Topic, message: Message) => void,
): AwsService {
  const form = (request: AwsRequest) => Object.fromEntries(new URLSearchParams(request.body));
  const requestId = () => random.uuid("sns:request");
  const error = (code: string, message: string, status: number): AwsResponse =>
    xml(
      status,
      `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>` +
        `<Message>${escaped(message)}</Message></Error><RequestId>${requestId()}</RequestId>` +
        "</ErrorResponse>",
    );
  return {
    name: "sns",
    demands(request) {
      const { Action, TopicArn } = form(request);
      return Action === "Publish" ? [{ action: "sns:Publish", resource: TopicArn ?? "" }] : null;
    },
    async handle(request) {
      const input = publishSchema.safeParse(form(request));
      if (!input.success) {
        const paths = input.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
        return error("InvalidParameter", `refused by the lab: ${paths.join("; ")}`, 400);
      }
      const { TopicArn, Message: message, Subject: subject = null } = input.data;
      const topic = find(TopicArn);
      if (topic === undefined || topic.region !== request.region) {
        return error("NotFound", "Topic does not exist", 404);
      }
      accept(topic, { subject, message, by: request.principal });
      const id = random.uuid("sns:message");
      return xml(
        200,
        `<PublishResponse xmlns="${namespace}"><PublishResult><MessageId>${id}</MessageId>` +
          `</PublishResult><ResponseMetadata><RequestId>${requestId()}</RequestId>` +
          "</ResponseMetadata></PublishResponse>",
      );
    },
    error: (_request, code, message, status) => error(code, message, status),
  };
}

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

const xml = (status: number, body: string): AwsResponse => ({
  status,
  headers: { "content-type": "text/xml" },
  body,
});

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

const escaped = (text: string) => text.replace(/[&<>]/g, (found) => entities[found] ?? found);
