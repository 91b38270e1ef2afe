// What `frontend: true` adds to the templates, and that it adds nothing to those that fail over.
import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { synthesize } from "./assembly.ts";

const { assembly, templates, primary } = synthesize({ frontend: true });
const european = synthesize({
  frontend: true,
  regions: { primary: "eu-west-1", secondary: "eu-central-1", witness: "eu-west-2" },
  domain: {
    name: "api.example.com",
    hostedZoneName: "example.com",
    hostedZoneId: "Z0123456789EXAMPLE",
    website: "shop.example.com",
  },
});
const of = (part: string): Template => {
  const found = templates.get(`orders-${part}`);
  if (found === undefined) throw new Error(`there is no stack ${part}`);
  return found;
};
const origin = "https://www.example.com";

describe("The website's stacks", () => {
  test("come after everything that fails over: distribution first, then the buckets", () => {
    const order = assembly.stacks
      .slice(-3)
      .map(({ stackName, environment, dependencies }) => [
        stackName,
        environment.region,
        dependencies.flatMap(({ id }) => (id.endsWith(".assets") ? [] : [id])),
      ]);
    expect(order).toEqual([
      ["orders-website", "us-east-1", ["orders-routing"]],
      ["orders-website-primary", "us-east-1", ["orders-website"]],
      ["orders-website-secondary", "us-west-2", ["orders-website"]],
    ]);
  });

  test("are where the pair is, and where CloudFront takes certificates from", () => {
    const places = european.assembly.stacks.slice(-3).map(({ environment }) => environment.region);
    expect(places).toEqual(["us-east-1", "eu-west-1", "eu-central-1"]);
    const site = european.templates.get("orders-website");
    site?.hasResourceProperties("AWS::CloudFront::Distribution", {
      DistributionConfig: { Aliases: ["shop.example.com"] },
    });
  });

  test("are not there without a website, nor is anything for browsers", () => {
    const plain = synthesize();
    expect(plain.assembly.stacks).toHaveLength(5);
    expect(plain.primary.findResources("AWS::ApiGateway::Method", optionsMethod)).toEqual({});
    expect(JSON.stringify(plain.primary.toJSON())).not.toContain("Access-Control");
  });
});

const optionsMethod = { Properties: { HttpMethod: "OPTIONS" } };

describe("The distribution", () => {
  test("asks the secondary's bucket when the primary's fails, 4 s later at most", () => {
    const member = { OriginId: Match.anyValue() };
    const asked = { ConnectionAttempts: 2, ConnectionTimeout: 2 };
    const bucket = (region: string) => ({
      ...asked,
      DomainName: {
        "Fn::Join": [
          "",
          [
            "orders-website-",
            { Ref: "AWS::AccountId" },
            `-${region}-an.s3.${region}.amazonaws.com`,
          ],
        ],
      },
    });
    of("website").hasResourceProperties("AWS::CloudFront::Distribution", {
      DistributionConfig: {
        DefaultRootObject: "index.html",
        DefaultCacheBehavior: { ViewerProtocolPolicy: "redirect-to-https" },
        Origins: [Match.objectLike(bucket("us-east-1")), Match.objectLike(bucket("us-west-2"))],
        OriginGroups: {
          Items: [
            {
              FailoverCriteria: {
                StatusCodes: { Items: [403, 404, 500, 502, 503, 504], Quantity: 6 },
              },
              Members: { Items: [member, member], Quantity: 2 },
            },
          ],
        },
      },
    });
  });

  test("lets a page call the public name and nothing else", () => {
    of("website").hasResourceProperties("AWS::CloudFront::ResponseHeadersPolicy", {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          ContentSecurityPolicy: {
            ContentSecurityPolicy:
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
              "connect-src https://api.example.com; base-uri 'none'; form-action 'none'; " +
              "frame-ancestors 'none'",
            Override: true,
          },
        },
      },
    });
  });
});

describe.each(["website-primary", "website-secondary"])("The bucket of %s", (part) => {
  test("is private, and has a name that no other account can take", () => {
    of(part).hasResourceProperties("AWS::S3::Bucket", {
      BucketNamePrefix: "orders-website",
      BucketNamespace: "account-regional",
      VersioningConfiguration: { Status: "Enabled" },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  test("is read by the one distribution alone", () => {
    const policies = Object.values(of(part).findResources("AWS::S3::BucketPolicy"));
    const statements = policies[0]?.Properties.PolicyDocument.Statement;
    expect(policies).toHaveLength(1);
    expect(statements).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
      expect.objectContaining({
        Effect: "Allow",
        Action: "s3:GetObject",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceArn": { "Fn::Join": ["", expect.any(Array)] } },
        },
      }),
    ]);
    const arn = JSON.stringify(statements[1].Condition);
    expect(arn).toContain(":distribution/");
    expect(arn).not.toContain("*");
  });
});

describe("The API, for the website's page,", () => {
  test("answers preflights of each open route without a function", () => {
    const methods = Object.values(primary.findResources("AWS::ApiGateway::Method", optionsMethod));
    const allowed = methods.map(({ Properties: { Integration } }) => [
      Integration.Type,
      Integration.IntegrationResponses[0].ResponseParameters[
        "method.response.header.Access-Control-Allow-Methods"
      ],
      Integration.IntegrationResponses[0].ResponseParameters[
        "method.response.header.Access-Control-Allow-Origin"
      ],
    ]);
    expect(allowed.sort()).toEqual([
      ["MOCK", "'GET'", `'${origin}'`],
      ["MOCK", "'GET,POST'", `'${origin}'`],
    ]);
  });

  test.each(["DEFAULT_4XX", "DEFAULT_5XX"])("lets it read %s answers, too", (ResponseType) => {
    primary.hasResourceProperties("AWS::ApiGateway::GatewayResponse", {
      ResponseType,
      ResponseParameters: {
        "gatewayresponse.header.Access-Control-Allow-Origin": `'${origin}'`,
        "gatewayresponse.header.Access-Control-Expose-Headers":
          "'X-Region,X-Active-Region,Retry-After'",
      },
    });
  });
});
