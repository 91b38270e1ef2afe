// What each function may do: exact actions on exact resources, derived from names. A function that
// isn't listed here may write its own log and nothing else. Read it beside functions/adapters.
import { ArnFormat, Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { archivePrefix } from "../../core/contracts/archive.ts";
import { applicationKeys, controlKeys } from "../../core/contracts/records.ts";
import {
  apiStageName,
  applicationTableName,
  checksParameterName,
  controlTableName,
  customerIndexName,
  drainMetric,
  eventQueueName,
  functionName,
  groupOf,
  servingRegions,
  stateMachineName,
  tableName,
  topicName,
  vantageRegions,
} from "../../core/names.ts";
import { reservedPrefix } from "../../core/tables.ts";
import type { ApiDefinition } from "../api-definition.ts";
import { archiveBucketArn } from "./archive.ts";
import type { FunctionFolder } from "./function-catalogue.ts";

const get = "dynamodb:GetItem";
const getMany = "dynamodb:BatchGetItem";
const query = "dynamodb:Query";
const put = "dynamodb:PutItem";
const update = "dynamodb:UpdateItem";
/** The ledger: its end is read, an entry is put where nothing is yet. */
const ledger = [get, query, put];

/** The routes that only looks and canaries may call. */
export const canaryMethods = ["GET", "POST"] as const;

function canaryPaths({ workloads, canaryPath }: Config): readonly string[] {
  return workloads.includes("events") ? [canaryPath, "/events/canary"] : [canaryPath];
}

export class Access {
  private readonly stack: Stack;
  private readonly serving: readonly Region[];

  constructor(
    scope: Construct,
    private readonly config: Config,
    private readonly region: Region,
  ) {
    this.stack = Stack.of(scope);
    this.serving = servingRegions(config);
  }

  of(folder: FunctionFolder): PolicyStatement[] {
    switch (folder) {
      case "watch":
        return this.watch();
      case "look":
        return [this.walk()];
      case "process-events":
        return [this.control([get]), this.eventItems(), this.consumeEvents()];
      case "on-signal":
        return [this.control([get, put]), this.startRun()];
      case "gather-evidence":
        return [
          this.control([get, query]),
          this.application([get, query], this.serving),
          ...this.ownTables([get], this.serving),
          this.invokeLook(),
          allow(["route53:GetHealthCheck"], [this.healthChecks()]),
          allow(["cloudwatch:GetMetricData"], ["*"]),
          allow(["health:DescribeEvents"], ["*"]),
        ];
      case "check-drain":
        return [
          this.control([...ledger, update]),
          this.application([get, getMany, query], this.serving),
          ...this.ownTables([get, getMany], this.serving),
        ];
      case "shift-traffic":
        return [this.control([...ledger, update]), ...this.levers(), this.invokeLook()];
      case "verify-shift":
        return [this.control([...ledger, update]), this.invokeLook()];
      case "request-approval":
        return [this.control([...ledger, update]), allow(["sns:Publish"], [this.topic()])];
      case "record-outcome":
        return [
          this.control([...ledger, update]),
          allow(["sns:Publish"], [this.topic()]),
          this.archiving(),
        ];
      case "decide":
        return [this.control(ledger)];
      case "claim-epoch":
      case "fence-source":
      case "promote-target":
        return [this.control([...ledger, update])];
    }
  }

  /** The API's function: the gate, and the application's own items. No delete: the write gate has
   * none. */
  api({ keepsApplicationItems }: ApiDefinition): PolicyStatement[] {
    const ownItems = keepsApplicationItems && this.config.workloads.includes("api");
    return [
      this.control([getMany]),
      this.beat(),
      ...(ownItems
        ? [this.application([get, put], [this.region]), this.customerIndex()]
        : this.gateItems()),
      ...this.ownTables([get, query, put, update], [this.region]),
      this.putEvents([this.region]),
    ];
  }

  /** The canary: the same walk, and nothing else of the application. */
  walk(): PolicyStatement {
    const routes = this.serving.flatMap((region) =>
      canaryMethods.flatMap((method) =>
        canaryPaths(this.config).map((path) =>
          // The other Region's API id isn't known here, so the route is named under any API.
          this.arn("execute-api", region, `*/${apiStageName}/${method}${path}`),
        ),
      ),
    );
    return allow(["execute-api:Invoke"], routes);
  }

  /** In the witness Region watch looks and writes views; it starts and moves nothing. */
  private watch(): PolicyStatement[] {
    const everywhere = [this.walk(), this.putEvents(this.serving)];
    if (!this.serving.includes(this.region)) {
      return [...everywhere, this.control([query, put], this.serving)];
    }
    return [
      ...everywhere,
      this.control([...ledger, update]),
      ...this.heartbeats(),
      this.application([getMany, query], this.serving),
      ...this.ownTables([getMany], this.serving),
      this.startRun(),
      allow(["states:ListExecutions"], [this.machine()]),
      this.archiving(),
      ...this.levers(),
      this.invokeLook(),
      allow(["ssm:GetParameter"], [this.checkIds()]),
    ];
  }

  private control(actions: string[], regions: readonly Region[] = [this.region]): PolicyStatement {
    const name = controlTableName(this.config);
    return allow(
      actions,
      regions.map((region) => this.arn("dynamodb", region, `table/${name}`)),
    );
  }

  /** What customers' requests reach may write the heartbeats' partition of the control table and
   * no other: never the routing state. */
  private beat(): PolicyStatement {
    const beat = this.control([put]);
    const { pk } = controlKeys.heartbeat(groupOf(this.config), this.region);
    beat.addCondition("ForAllValues:StringEquals", { "dynamodb:LeadingKeys": [pk] });
    return beat;
  }

  private application(actions: string[], regions: readonly Region[]): PolicyStatement {
    const name = applicationTableName(this.config);
    return allow(
      actions,
      regions.map((region) => this.arn("dynamodb", region, `table/${name}`)),
    );
  }

  /** What the gate and the routes of every API need of the application table. */
  private gateItems(): PolicyStatement[] {
    const canaries = applicationKeys.canary("*", this.region).pk;
    const journal = `journal#${this.region}#*`;
    const events = this.config.workloads.includes("events") ? ["event#*"] : [];
    return [
      onlyIn([journal, canaries], this.application([put], [this.region])),
      onlyIn([canaries, ...events], this.application([get], [this.region])),
    ];
  }

  private ownTables(actions: string[], regions: readonly Region[]): PolicyStatement[] {
    const names = this.config.tables.map(({ name }) => tableName(this.config, name));
    const arns = regions.flatMap((region) =>
      names.map((name) => this.arn("dynamodb", region, `table/${name}`)),
    );
    return arns.length === 0 ? [] : [allow(actions, arns)];
  }

  /** This Region's own, in every shard of every replicated table. */
  private heartbeats(): PolicyStatement[] {
    const { pk } = applicationKeys.heartbeat(this.region, "*");
    const own = this.ownTables([put], [this.region]);
    return [
      onlyIn([pk], this.application([put], [this.region])),
      ...own.map((statement) => onlyIn([`${reservedPrefix}${pk}`], statement)),
    ];
  }

  private customerIndex(): PolicyStatement {
    const index = `${applicationTableName(this.config)}/index/${customerIndexName}`;
    return allow([query], [this.arn("dynamodb", this.region, `table/${index}`)]);
  }

  private putEvents(regions: readonly Region[]): PolicyStatement {
    return allow(
      ["events:PutEvents"],
      regions.map((region) => this.arn("events", region, "event-bus/default")),
    );
  }

  /** Events and the canaries' items: process-events passes no gate, and writes nothing that has
   * one. */
  private eventItems(): PolicyStatement {
    const keys = [applicationKeys.event("*").pk, applicationKeys.canaryEvent("*", this.region).pk];
    return onlyIn(keys, this.application([get, put], [this.region]));
  }

  /** What Lambda's poller needs; a message that failed is left to its visibility timeout. */
  private consumeEvents(): PolicyStatement {
    return allow(
      ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      [this.arn("sqs", this.region, eventQueueName(this.config))],
    );
  }

  private startRun(): PolicyStatement {
    return allow(["states:StartExecution"], [this.machine()]);
  }

  private machine(): string {
    return this.arn("states", this.region, `stateMachine:${stateMachineName(this.config)}`);
  }

  /** Objects of this group, in this Region's bucket; never what operators put there. */
  private archiving(): PolicyStatement {
    const bucket = archiveBucketArn(this.stack, this.config, this.region);
    const prefix = archivePrefix(groupOf(this.config));
    const folders = ["runs", "reconcile"].map((folder) => `${bucket}/${prefix}${folder}/*`);
    return allow(["s3:PutObject"], folders);
  }

  private invokeLook(): PolicyStatement {
    return allow(
      ["lambda:InvokeFunction"],
      vantageRegions(this.config).map((region) =>
        this.arn("lambda", region, `function:${functionName(this.config, "look")}`),
      ),
    );
  }

  /** Both levers: the switch check, and the drain metric, which PutMetricData can limit by
   * namespace only. */
  private levers(): PolicyStatement[] {
    const drain = allow(["cloudwatch:PutMetricData"], ["*"]);
    drain.addCondition("StringEquals", { "cloudwatch:namespace": drainMetric.namespace });
    return [
      allow(["route53:GetHealthCheck", "route53:UpdateHealthCheck"], [this.healthChecks()]),
      drain,
      allow(["cloudwatch:GetMetricData"], ["*"]),
    ];
  }

  /** The routing stack is deployed last, and functions read the ids at run time. */
  private healthChecks(): string {
    return `arn:${this.stack.partition}:route53:::healthcheck/*`;
  }

  private checkIds(): string {
    const name = `parameter${checksParameterName(this.config)}`;
    return this.arn("ssm", this.config.regions.witness, name);
  }

  private topic(): string {
    return this.arn("sns", this.region, topicName(this.config));
  }

  private arn(service: string, region: Region, resource: string): string {
    const arnFormat = ArnFormat.NO_RESOURCE_NAME;
    return this.stack.formatArn({ service, region, resource, arnFormat });
  }
}

/** Of items whose partition key is like one of these. */
function onlyIn(partitions: string[], statement: PolicyStatement): PolicyStatement {
  statement.addCondition("ForAllValues:StringLike", { "dynamodb:LeadingKeys": partitions });
  return statement;
}

function allow(actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ effect: Effect.ALLOW, actions, resources });
}
