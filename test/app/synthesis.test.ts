// What the templates must say, for the default configuration and for other Region sets.
import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { synthesize } from "./assembly.ts";

const { assembly, data, primary, secondary, witness, routing } = synthesize();
const deployed: Record<string, Template> = { data, primary, secondary, witness, routing };

function countOf(template: Template, type: string): number {
  return Object.keys(template.findResources(type)).length;
}

/** Properties of the one resource of that type that `fits`. */
function only(template: Template, type: string, fits: (json: string) => boolean): unknown {
  const found = Object.values(template.findResources(type)).filter((r) => fits(JSON.stringify(r)));
  expect(found).toHaveLength(1);
  return found[0]?.Properties;
}

describe("the stacks", () => {
  test("are deployed in an order in which a first deployment works", () => {
    const order = assembly.stacks.map((stack) => [
      stack.stackName,
      stack.dependencies.flatMap((each) => (each.id.endsWith(".assets") ? [] : [each.id])).sort(),
    ]);
    expect(order).toEqual([
      ["orders-data", []],
      ["orders-primary", ["orders-data"]],
      ["orders-secondary", ["orders-data"]],
      ["orders-witness", ["orders-data"]],
      ["orders-routing", ["orders-primary", "orders-secondary", "orders-witness"]],
    ]);
  });

  test("stand in their Regions, name no account, and refuse to be deleted by accident", () => {
    const environments = assembly.stacks.map((stack) => stack.environment.name);
    expect(environments).toEqual([
      "aws://unknown-account/us-east-1",
      "aws://unknown-account/us-east-1",
      "aws://unknown-account/us-west-2",
      "aws://unknown-account/us-east-2",
      "aws://unknown-account/us-east-2",
    ]);
    expect(assembly.stacks.map((stack) => stack.terminationProtection)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  test("carry the application's tag", () => {
    expect(assembly.stacks.map((stack) => stack.tags.application)).toEqual([
      "orders",
      "orders",
      "orders",
      "orders",
      "orders",
    ]);
  });

  test("run the same things in both serving Regions", () => {
    const types = (template: Template) =>
      Object.values(template.toJSON().Resources)
        .map((resource) => z.object({ Type: z.string() }).parse(resource).Type)
        .sort();
    expect(types(primary)).toEqual(types(secondary));
  });

  for (const [regions, name] of [
    [{ primary: "eu-west-1", secondary: "eu-central-1", witness: "eu-west-2" }, "Europe"],
    [{ primary: "ap-northeast-1", secondary: "ap-northeast-2", witness: "ap-northeast-3" }, "Asia"],
  ] as const) {
    test(`synthesize for ${name} by configuration alone`, () => {
      const other = synthesize({ regions });
      other.data.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
        MultiRegionConsistency: "STRONG",
        GlobalTableWitnesses: [{ Region: regions.witness }],
      });
      const all = JSON.stringify([
        other.data.toJSON(),
        other.primary.toJSON(),
        other.routing.toJSON(),
      ]);
      expect(all).not.toMatch(/us-(east|west)-\d/);
    });
  }

  test("leave nothing to cdk-nag and to CloudFormation's schemas, with an account too", () => {
    const checked = synthesize({}, { validate: true, account: "123456789012" });
    expect(checked.assembly.stacks).toHaveLength(5);
  });

  test("leave the canaries out where the configuration does", () => {
    const without = synthesize({ canaries: false });
    for (const template of [without.primary, without.witness]) {
      expect(countOf(template, "AWS::Synthetics::Canary")).toBe(0);
      // The archive's, where the Region serves.
      expect(countOf(template, "AWS::S3::Bucket")).toBe(template === without.primary ? 1 : 0);
      expect(JSON.stringify(template.toJSON())).not.toContain("CloudWatchSynthetics");
    }
  });
});

describe("the tables", () => {
  const table = (name: string) =>
    only(data, "AWS::DynamoDB::GlobalTable", (json) => json.includes(`"TableName":"${name}"`));
  const replica = (Region: string) => ({
    Region,
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });

  test("keep the control table linearizable, with a witness, and without a TTL", () => {
    expect(table("orders-control")).toMatchObject({
      MultiRegionConsistency: "STRONG",
      GlobalTableWitnesses: [{ Region: "us-east-2" }],
      Replicas: [replica("us-east-1"), replica("us-west-2")],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    });
    expect(table("orders-control")).not.toHaveProperty("TimeToLiveSpecification");
  });

  test("replicate the application table asynchronously, and let its journal expire", () => {
    expect(table("orders-application")).toMatchObject({
      MultiRegionConsistency: "EVENTUAL",
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      Replicas: [replica("us-west-2"), replica("us-east-1")],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-customer",
          KeySchema: [
            { AttributeName: "customer", KeyType: "HASH" },
            { AttributeName: "createdAt", KeyType: "RANGE" },
          ],
        },
      ],
    });
  });

  test("survive the deletion of their stack", () => {
    data.allResources("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });
});

describe("health checks", () => {
  const check = (fits: (json: string) => boolean) =>
    only(routing, "AWS::Route53::HealthCheck", fits);

  test("ask the primary under its own name, never under the shared one", () => {
    expect(check((json) => json.includes('"HTTPS"'))).toMatchObject({
      HealthCheckConfig: {
        Type: "HTTPS",
        FullyQualifiedDomainName: "us-east-1.api.example.com",
        ResourcePath: "/health",
        Port: 443,
        EnableSNI: true,
        RequestInterval: 10,
        FailureThreshold: 3,
      },
    });
  });

  test("read the levers' alarms in the witness Region, by the names that it gives them", () => {
    const alarms = Object.values(witness.findResources("AWS::CloudWatch::Alarm"));
    for (const [lever, silent] of [
      ["switch", "Healthy"],
      ["drain", "LastKnownStatus"],
    ] as const) {
      const name = new RegExp(`^orders-${lever}-us-east-1-[0-9a-f]{8}$`);
      const of = alarms.filter((alarm) => name.test(alarm.Properties.AlarmName));
      expect(of).toHaveLength(1);
      expect(
        check((json) => json.includes(`orders-${lever}-`) && json.includes("CLOUDWATCH")),
      ).toMatchObject({
        HealthCheckConfig: {
          AlarmIdentifier: { Name: of[0]?.Properties.AlarmName, Region: "us-east-2" },
          InsufficientDataHealthStatus: silent,
        },
      });
    }
  });

  test("take the primary out as soon as one of three is unhealthy", () => {
    const calculated = z
      .object({
        HealthCheckConfig: z.object({ ChildHealthChecks: z.array(z.unknown()) }).loose(),
      })
      .parse(check((json) => json.includes("CALCULATED")));
    expect(calculated.HealthCheckConfig).toMatchObject({ HealthThreshold: 3 });
    expect(calculated.HealthCheckConfig.ChildHealthChecks).toHaveLength(3);
  });

  test("never carry Inverted, so that no deployment writes it back", () => {
    expect(JSON.stringify(routing.toJSON())).not.toContain("Inverted");
    expect(countOf(routing, "AWS::Route53::HealthCheck")).toBe(4);
  });

  test("leave their ids where reconcile reads them", () => {
    routing.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/switchback/orders/checks",
      Value: Match.objectLike({ "Fn::Join": Match.anyValue() }),
    });
  });
});

const recordSchema = z.object({
  Name: z.string(),
  Type: z.string(),
  Failover: z.string().optional(),
  Region: z.string().optional(),
  SetIdentifier: z.string().optional(),
  HealthCheckId: z.unknown().optional(),
  TTL: z.string().optional(),
  ResourceRecords: z.array(z.string()).optional(),
  AliasTarget: z.looseObject({ EvaluateTargetHealth: z.boolean() }).optional(),
});
const recordsIn = (template: Template) =>
  Object.values(template.findResources("AWS::Route53::RecordSet")).map((each) =>
    recordSchema.parse(each.Properties),
  );

describe("records", () => {
  const records = recordsIn(routing);

  test("answer the public name by failover: the primary while its check says so", () => {
    const shared = records.filter((record) => record.Name === "api.example.com.");
    const told = shared.map((r) => [r.Type, r.Failover, r.SetIdentifier, Boolean(r.HealthCheckId)]);
    expect(told.sort()).toEqual([
      ["A", "PRIMARY", "us-east-1", true],
      ["A", "SECONDARY", "us-west-2", false],
      ["AAAA", "PRIMARY", "us-east-1", true],
      ["AAAA", "SECONDARY", "us-west-2", false],
    ]);
  });

  test("mark beside it, by the same rules, which Region is answered", () => {
    const marker = records.filter((record) => record.Type === "TXT");
    expect(
      marker.map((r) => [r.Name, r.Failover, r.ResourceRecords, r.TTL, Boolean(r.HealthCheckId)]),
    ).toEqual([
      ["_region.us-east-1.api.example.com.", "PRIMARY", ['"us-east-1"'], "10", true],
      ["_region.us-east-1.api.example.com.", "SECONDARY", ['"us-west-2"'], "10", false],
    ]);
  });

  test("lead to each Region by its own name, and to its public domain past all routing", () => {
    const direct = records.filter((record) => record.Failover === undefined);
    expect(direct.map(({ Name, Type }) => `${Name} ${Type}`).sort()).toEqual([
      "public.us-east-1.api.example.com. A",
      "public.us-east-1.api.example.com. AAAA",
      "public.us-west-2.api.example.com. A",
      "public.us-west-2.api.example.com. AAAA",
      "us-east-1.api.example.com. A",
      "us-east-1.api.example.com. AAAA",
      "us-west-2.api.example.com. A",
      "us-west-2.api.example.com. AAAA",
    ]);
  });
});

describe("active-active", () => {
  const both = synthesize({ topology: "active-active", writes: "any-region" });
  const records = recordsIn(both.routing);
  const checks = Object.entries(both.routing.findResources("AWS::Route53::HealthCheck"));
  const nameOf = (id: unknown): unknown => {
    const [, check] = checks.find(([logicalId]) => JSON.stringify(id)?.includes(logicalId)) ?? [];
    return z
      .array(z.object({ Key: z.string(), Value: z.string() }))
      .parse(check?.Properties.HealthCheckTags)
      .find(({ Key }) => Key === "Name")?.Value;
  };

  test("answers the public name by latency, each Region behind its own check", () => {
    const shared = records.filter((record) => record.Name === "api.example.com.");
    const told = shared.map((r) => [r.Type, r.Region, r.SetIdentifier, nameOf(r.HealthCheckId)]);
    expect(told.sort()).toEqual([
      ["A", "us-east-1", "us-east-1", "orders-region-us-east-1"],
      ["A", "us-west-2", "us-west-2", "orders-region-us-west-2"],
      ["AAAA", "us-east-1", "us-east-1", "orders-region-us-east-1"],
      ["AAAA", "us-west-2", "us-west-2", "orders-region-us-west-2"],
    ]);
    expect(shared.map(({ Failover }) => Failover)).not.toContain("PRIMARY");
  });

  test("marks for each Region where those nearest to it are sent", () => {
    const marker = records.filter((record) => record.Type === "TXT");
    expect(
      marker.map((r) => [r.Name, r.Failover, r.ResourceRecords, nameOf(r.HealthCheckId)]),
    ).toEqual([
      ["_region.us-east-1.api.example.com.", "PRIMARY", ['"us-east-1"'], "orders-region-us-east-1"],
      [
        "_region.us-east-1.api.example.com.",
        "SECONDARY",
        ['"us-west-2"'],
        "orders-region-us-west-2",
      ],
      ["_region.us-west-2.api.example.com.", "PRIMARY", ['"us-west-2"'], "orders-region-us-west-2"],
      [
        "_region.us-west-2.api.example.com.",
        "SECONDARY",
        ['"us-east-1"'],
        "orders-region-us-east-1",
      ],
    ]);
  });

  test("gives both Regions all four checks, and levers whose alarms outlive either", () => {
    expect(checks.map(([id]) => nameOf(id)).sort()).toEqual([
      "orders-drain-us-east-1",
      "orders-drain-us-west-2",
      "orders-endpoint-us-east-1",
      "orders-endpoint-us-west-2",
      "orders-region-us-east-1",
      "orders-region-us-west-2",
      "orders-switch-us-east-1",
      "orders-switch-us-west-2",
    ]);
    const parameter = Object.values(both.routing.findResources("AWS::SSM::Parameter"));
    for (const [id] of checks) expect(JSON.stringify(parameter)).toContain(id);
    const alarms = Object.values(both.witness.findResources("AWS::CloudWatch::Alarm"));
    const names = alarms.map((each) => String(each.Properties.AlarmName));
    for (const region of ["us-east-1", "us-west-2"]) {
      for (const lever of ["switch", "drain"]) {
        const prefix = `orders-${lever}-${region}-`;
        expect(names.filter((name) => name.startsWith(prefix))).toHaveLength(1);
      }
    }
  });
});

describe("a serving Region", () => {
  test("serves both names over TLS 1.2, from one validated certificate", () => {
    for (const name of ["api.example.com", "us-west-2.api.example.com"]) {
      secondary.hasResourceProperties("AWS::ApiGateway::DomainName", {
        DomainName: name,
        SecurityPolicy: "TLS_1_2",
        EndpointConfiguration: { Types: ["REGIONAL"] },
      });
    }
    expect(countOf(secondary, "AWS::ApiGateway::BasePathMapping")).toBe(2);
    secondary.hasResourceProperties("AWS::CertificateManager::Certificate", {
      DomainName: "api.example.com",
      SubjectAlternativeNames: ["us-west-2.api.example.com"],
      ValidationMethod: "DNS",
    });
  });

  test("throttles, logs accesses, and can't be called past its custom names", () => {
    primary.hasResourceProperties("AWS::ApiGateway::RestApi", { DisableExecuteApiEndpoint: true });
    primary.hasResourceProperties("AWS::ApiGateway::Stage", {
      StageName: "prod",
      AccessLogSetting: Match.objectLike({ DestinationArn: Match.anyValue() }),
      MethodSettings: [Match.objectLike({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 })],
    });
  });

  test("names its Region also on what API Gateway answers by itself", () => {
    for (const ResponseType of ["DEFAULT_4XX", "DEFAULT_5XX"]) {
      primary.hasResourceProperties("AWS::ApiGateway::GatewayResponse", {
        ResponseType,
        ResponseParameters: { "gatewayresponse.header.X-Region": "'us-east-1'" },
      });
    }
  });

  test("signs the canaries' route, the other Region's, and no third", () => {
    const methods = Object.values(primary.findResources("AWS::ApiGateway::Method"));
    const types = methods.map(
      (m) => `${m.Properties.HttpMethod} ${m.Properties.AuthorizationType}`,
    );
    expect(types.sort()).toEqual([
      "GET AWS_IAM",
      "GET NONE",
      "GET NONE",
      "GET NONE",
      "POST AWS_IAM",
      "POST AWS_IAM",
      "POST NONE",
    ]);
  });

  test("starts watch every minute and never twice for one minute", () => {
    primary.hasResourceProperties("AWS::Events::Rule", {
      ScheduleExpression: "rate(1 minute)",
      Targets: [Match.objectLike({ RetryPolicy: Match.objectLike({ MaximumRetryAttempts: 0 }) })],
    });
    primary.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumRetryAttempts: 0 });
  });

  test("is woken by our signals, by AWS Health and by canary alarms", () => {
    for (const pattern of [
      { source: ["switchback.orders"], "detail-type": ["Switchback Signal"] },
      { source: ["aws.health"], "detail-type": ["AWS Health Event"] },
      {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: { alarmName: [{ prefix: "orders-journey-" }], state: { value: ["ALARM"] } },
      },
    ]) {
      primary.hasResourceProperties("AWS::Events::Rule", { EventPattern: pattern });
    }
  });

  test("is told of the witness canary's alarms, by a role that may do nothing else", () => {
    const [rule] = Object.values(
      witness.findResources("AWS::Events::Rule", { Properties: { Name: "orders-canaries" } }),
    );
    const told = JSON.stringify(rule?.Properties);
    expect(rule?.Properties.EventPattern.detail).toEqual({
      alarmName: [{ prefix: "orders-journey-" }],
      state: { value: ["ALARM"] },
    });
    expect(rule?.Properties.Targets).toHaveLength(2);
    for (const region of ["us-east-1", "us-west-2"]) {
      expect(told).toContain(`:events:${region}:`);
    }
    const roles = Object.entries(witness.findResources("AWS::IAM::Role"));
    const [relay] = roles.filter(([id]) => id.startsWith("CanaryRelayRole"));
    const statements = JSON.stringify(relay?.[1].Properties.Policies);
    expect(statements.match(/"Action"/g)).toHaveLength(1);
    expect(statements).toContain('"Action":"events:PutEvents"');
  });

  test("gives every function its own role, log and timeout, and Node.js 24", () => {
    const functions = Object.values(primary.findResources("AWS::Lambda::Function"));
    const own = functions.filter((f) => String(f.Properties.FunctionName).startsWith("orders-"));
    expect(own).toHaveLength(14);
    expect(new Set(own.map((f) => JSON.stringify(f.Properties.Role))).size).toBe(14);
    expect(new Set(own.map((f) => f.Properties.Runtime))).toEqual(new Set(["nodejs24.x"]));
    expect(own.every((f) => f.Properties.LoggingConfig !== undefined)).toBe(true);
    const retentions = Object.values(primary.findResources("AWS::Logs::LogGroup"));
    expect(retentions.every((each) => each.Properties.RetentionInDays > 0)).toBe(true);
  });
});

describe("alarms", () => {
  test("can publish to the topic of their Region, which refuses plain HTTP", () => {
    for (const template of [primary, secondary, witness]) {
      const [policy] = Object.values(template.findResources("AWS::SNS::TopicPolicy"));
      const statements = JSON.stringify(policy?.Properties.PolicyDocument.Statement);
      expect(statements).toContain('"Principal":{"Service":"cloudwatch.amazonaws.com"}');
      expect(statements).toContain('"aws:SecureTransport":"false"');
      template.hasResourceProperties("AWS::SNS::Topic", { KmsMasterKeyId: Match.absent() });
    }
  });

  test("say what silence means, each of them, and page when they start, not when they stop", () => {
    const alarms = Object.values(primary.findResources("AWS::CloudWatch::Alarm"));
    const told = alarms.map(({ Properties: p }) => [p.AlarmName, p.TreatMissingData]);
    expect(told.sort()).toEqual([
      ["orders-archive-behind", "notBreaching"],
      ["orders-journey-us-east-1", "missing"],
      ["orders-journey-us-west-2", "missing"],
      ["orders-switch-failed", "notBreaching"],
      ["orders-switch-timed-out", "notBreaching"],
      ["orders-watch-failing", "notBreaching"],
      ["orders-watch-silent", "breaching"],
    ]);
    for (const { Properties: p } of alarms) {
      expect(p.AlarmActions).toHaveLength(1);
      expect(p.OKActions).toBeUndefined();
      expect(p.AlarmDescription).toMatch(/[Mm]issing data is/);
    }
  });

  test("of levers page nobody, and hold their state in silence", () => {
    const alarms = Object.values(witness.findResources("AWS::CloudWatch::Alarm"));
    const levers = alarms.filter((each) => each.Properties.AlarmActions === undefined);
    const told = levers.map(({ Properties: p }) => [p.MetricName, p.TreatMissingData, p.Period]);
    expect(told.sort()).toEqual([
      ["Drain", "ignore", 60],
      ["NeverPublished", "missing", 60],
    ]);
  });
});

describe("permissions", () => {
  const allowed = (template: Template, folder: string) => {
    const roles = Object.entries(template.findResources("AWS::IAM::Role"));
    const [role] = roles.filter(([id]) =>
      id.startsWith(`Functions${folder.replaceAll("-", "")}Role`),
    );
    return JSON.stringify(role?.[1].Properties.Policies);
  };

  test("let look walk the journey, and nothing else", () => {
    const look = allowed(witness, "look");
    expect(look).toContain("execute-api:Invoke");
    expect(look).not.toMatch(/dynamodb|route53|states|events:/);
  });

  test("let a Region's API hand writes on to the other Region's, by one signed route", () => {
    const orders = allowed(primary, "orders-api");
    expect(orders).toContain(":execute-api:us-west-2:");
    expect(orders).toContain(":*/prod/POST/switchback/orders/forwarded");
    expect(orders.match(/execute-api:Invoke/g)).toHaveLength(1);
    primary.hasResourceProperties("AWS::ApiGateway::Resource", { PathPart: "forwarded" });
  });

  test("let watch of the witness move nothing", () => {
    expect(allowed(witness, "watch")).not.toMatch(/route53|states:|PutMetricData|ssm/);
    expect(allowed(primary, "watch")).toMatch(/route53:UpdateHealthCheck/);
  });

  test("let what customers reach write heartbeats, and never the routing state", () => {
    const orders = allowed(primary, "orders-api");
    expect(orders).toContain(
      '"Action":"dynamodb:PutItem","Condition":{"ForAllValues:StringEquals":' +
        '{"dynamodb:LeadingKeys":["heartbeat#orders"]}}',
    );
    // The count of what is held; the gate itself updates nothing in either table.
    expect(orders.match(/dynamodb:UpdateItem/g)).toHaveLength(1);
    expect(orders).toContain(
      '"Action":"dynamodb:UpdateItem","Condition":{"ForAllValues:StringEquals":' +
        '{"dynamodb:LeadingKeys":["held#us-east-1"]}}',
    );
    expect(orders.match(/table\/orders-control/g)).toHaveLength(2);
  });

  test("let nobody but the orders API read customers' index", () => {
    for (const folder of ["gather-evidence", "check-drain", "watch"]) {
      expect(allowed(primary, folder)).toContain("table/orders-application");
      expect(allowed(primary, folder)).not.toContain("by-customer");
    }
    expect(allowed(primary, "orders-api")).toContain("by-customer");
  });

  test("let decide and on-signal change no item that stands", () => {
    expect(allowed(primary, "decide")).not.toContain("UpdateItem");
    expect(allowed(primary, "on-signal")).not.toContain("UpdateItem");
  });

  test("let decide read and write the ledger, and touch no lever", () => {
    expect(allowed(primary, "decide")).not.toMatch(/route53|cloudwatch|lambda:Invoke|-application/);
  });

  test("limit published metrics to the levers' namespace", () => {
    expect(allowed(secondary, "shift-traffic")).toContain(
      '"Condition":{"StringEquals":{"cloudwatch:namespace":"Switchback"}}',
    );
  });

  test("delete nothing anywhere, and scan nothing", () => {
    for (const template of Object.values(deployed)) {
      expect(JSON.stringify(template.toJSON())).not.toMatch(/dynamodb:(Delete|Scan|\*)/);
    }
  });
});

describe("the archive", () => {
  test("is locked, versioned, private and kept, in each serving Region", () => {
    for (const template of [primary, secondary]) {
      template.hasResource("AWS::S3::Bucket", {
        DeletionPolicy: "Retain",
        Properties: {
          BucketNamePrefix: "orders-archive",
          ObjectLockEnabled: true,
          ObjectLockConfiguration: {
            ObjectLockEnabled: "Enabled",
            Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 365 } },
          },
          VersioningConfiguration: { Status: "Enabled" },
          PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
        },
      });
    }
  });

  test("takes nothing without TLS, and nothing without the condition that it is new", () => {
    const policy = JSON.stringify(
      only(primary, "AWS::S3::BucketPolicy", (json) => json.includes("WrittenOnce")),
    );
    expect(policy).toContain('"aws:SecureTransport":"false"');
    expect(policy).toContain('"Null":{"s3:if-none-match":"true"}');
  });

  test("is written below the folders of runs and of reconcile by two functions alone", () => {
    const writers = Object.entries(primary.findResources("AWS::IAM::Role")).flatMap(([id, role]) =>
      JSON.stringify(role).includes("s3:PutObject") && !id.includes("Journey") ? [id] : [],
    );
    expect(writers.map((id) => id.replace(/^Functions|Role[0-9A-F]+$/g, "")).sort()).toEqual([
      "recordoutcome",
      "watch",
    ]);
  });
});
