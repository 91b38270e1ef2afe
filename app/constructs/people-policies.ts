// What people may do, as managed policies for roles that are made elsewhere: a viewer sees, an
// operator starts and pauses, an approver answers, and whoever breaks the glass publishes the drain
// metric and nothing else. Operators and approvers are given the viewer's as well. They stand in
// the routing stack, where the ids of the health checks are known.
import { ArnFormat, Stack } from "aws-cdk-lib";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { archivePrefix, bundlePrefix } from "../../core/contracts/archive.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import {
  applicationTableName,
  controlTableName,
  drainMetric,
  groupOf,
  type PeopleRole,
  policyName,
  servingRegions,
  stateMachineName,
  tableName,
} from "../../core/names.ts";
import { replicatedTables, reservedPrefix } from "../../core/tables.ts";
import { acknowledgeWildcards } from "./acknowledge.ts";
import { archiveBucketArn } from "./archive.ts";

const descriptions: { readonly [role in PeopleRole]: string } = {
  viewer: "Sees who serves, what was seen and decided, and past switches; changes nothing",
  operator:
    "Beside the viewer policy: starts, redrives and aborts switches, sets automation; " +
    "can't answer questions",
  approver:
    "Beside the viewer policy: answers questions, reads items that diverged; can't start switches",
  "break-glass": "Publishes the drain metric by hand, for when nobody can claim",
};

const wildcardReasons = [
  ["-archive-", "Objects are named after runs: any of this group's, in the two buckets"],
  [":execution:", "Runs are named when they start: any run, of this machine only"],
  ["*", "Knows no resource: SendTaskSuccess is bound by the token, metrics by their namespace"],
] as const;

function wildcardReason(resource: string): string {
  const known = wildcardReasons.find(([part]) => resource.includes(part));
  if (known === undefined) throw new Error(`no reason for the wildcard in ${resource}`);
  return known[1];
}

export class PeoplePolicies extends Construct {
  /** `checkIds`: of the levers' switch checks. */
  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
    private readonly checkIds: readonly string[],
  ) {
    super(scope, id);
    this.add("viewer", this.viewer());
    this.add("operator", this.operator());
    this.add("approver", this.approver());
    this.add("break-glass", this.breakGlass());
  }

  private add(role: PeopleRole, statements: PolicyStatement[]): void {
    const policy = new ManagedPolicy(this, role, {
      managedPolicyName: policyName(this.config, role),
      description: descriptions[role],
      statements,
    });
    acknowledgeWildcards(policy, statements, wildcardReason);
  }

  private viewer(): PolicyStatement[] {
    const { partition } = Stack.of(this);
    const checks = this.checkIds.map((id) => `arn:${partition}:route53:::healthcheck/${id}`);
    return [
      allow(["states:ListExecutions"], this.machines()),
      allow(["states:DescribeExecution", "states:GetExecutionHistory"], this.runs()),
      allow(["dynamodb:GetItem", "dynamodb:Query"], this.tables(controlTableName(this.config))),
      ...this.heartbeats(),
      allow(["route53:GetHealthCheck", "route53:GetHealthCheckStatus"], checks),
      allow(
        ["cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms", "health:DescribeEvents"],
        ["*"],
      ),
      allow(["s3:GetObject"], this.archived(archivePrefix(groupOf(this.config)))),
      allow(["s3:ListBucket"], this.buckets()),
    ];
  }

  private operator(): PolicyStatement[] {
    const group = groupOf(this.config);
    const { pk } = controlKeys.routing(group);
    return [
      allow(["states:StartExecution"], this.machines()),
      allow(["states:RedriveExecution"], this.runs()),
      this.change(controlKeys.abort(group, "").pk, ["execution", "by", "reason", "at"]),
      // The epoch is in the change's condition. Who writes, the levers and the lease are not there.
      this.change(pk, ["automation", "automationChange", "epoch"]),
      allow(["s3:PutObject"], this.archived(bundlePrefix(groupOf(this.config)))),
    ];
  }

  private approver(): PolicyStatement[] {
    const group = groupOf(this.config);
    const { pk } = controlKeys.approval(group, "");
    return [
      allow(["states:SendTaskSuccess"], ["*"]),
      this.change(pk, ["status", "answeredAt", "answeredBy", "taskToken", "epoch"]),
      this.change(controlKeys.divergence(group, 0).pk, ["acknowledged", "hash"]),
      // Whoever judges what diverged has to see what customers wrote.
      allow(
        ["dynamodb:GetItem"],
        replicatedTables(this.config).flatMap(({ fullName }) => this.tables(fullName)),
      ),
    ];
  }

  private breakGlass(): PolicyStatement[] {
    const drain = allow(["cloudwatch:PutMetricData"], ["*"]);
    drain.addCondition("StringEquals", {
      "cloudwatch:namespace": drainMetric.namespace,
      "aws:RequestedRegion": this.config.regions.witness,
    });
    return [drain];
  }

  /** How far replication has come, in the application table and in the team's own; nothing else. */
  private heartbeats(): PolicyStatement[] {
    const beatsOf = (tables: readonly string[], key: string) => {
      const read = allow(
        ["dynamodb:GetItem", "dynamodb:Query"],
        tables.flatMap((name) => this.tables(name)),
      );
      read.addCondition("ForAllValues:StringLike", { "dynamodb:LeadingKeys": [key] });
      return read;
    };
    const application = beatsOf([applicationTableName(this.config)], "heartbeat#*");
    const own = this.config.tables.map(({ name }) => tableName(this.config, name));
    if (own.length === 0) return [application];
    return [application, beatsOf(own, `${reservedPrefix}heartbeat#*`)];
  }

  /** Of items of that partition of the control table, these attributes and no others. */
  private change(pk: string, attributes: readonly string[]): PolicyStatement {
    const update = allow(["dynamodb:UpdateItem"], this.tables(controlTableName(this.config)));
    update.addCondition("ForAllValues:StringEquals", {
      "dynamodb:LeadingKeys": [pk],
      "dynamodb:Attributes": ["pk", "sk", ...attributes],
    });
    return update;
  }

  private buckets(): string[] {
    const stack = Stack.of(this);
    return servingRegions(this.config).map((r) => archiveBucketArn(stack, this.config, r));
  }

  private archived(prefix: string): string[] {
    return this.buckets().map((bucket) => `${bucket}/${prefix}*`);
  }

  private tables(name: string): string[] {
    return this.inServing("dynamodb", `table/${name}`);
  }

  private machines(): string[] {
    return this.inServing("states", `stateMachine:${stateMachineName(this.config)}`);
  }

  private runs(): string[] {
    return this.inServing("states", `execution:${stateMachineName(this.config)}:*`);
  }

  private inServing(service: string, resource: string): string[] {
    const arnFormat = ArnFormat.NO_RESOURCE_NAME;
    const arn = (region: Region) =>
      Stack.of(this).formatArn({ service, region, resource, arnFormat });
    return servingRegions(this.config).map(arn);
  }
}

const allow = (actions: string[], resources: string[]) =>
  new PolicyStatement({ actions, resources });
