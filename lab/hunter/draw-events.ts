// AWS Health as it tells of an issue: open, perhaps closed later, perhaps twice, perhaps about
// something else altogether. The shape is that of the Health event schema in EventBridge.
import type { z } from "zod";
import type { stepSchema } from "../scenarios/schema.ts";
import type { Dice } from "./dice.ts";

export type StepFile = z.input<typeof stepSchema>;

/** Region codes of those whom an event may be about. */
export interface Places {
  readonly primary: string;
  readonly secondary: string;
  readonly witness: string;
}

const services = ["APIGATEWAY", "DYNAMODB", "LAMBDA", "MULTIPLE_SERVICES", "EC2"];

export function drawHealthEvents(places: Places, from: number, to: number, dice: Dice): StepFile[] {
  const region = dice.pick([places.primary, places.primary, places.secondary, places.witness]);
  const service = dice.pick(services);
  const category = dice.chance(0.85) ? "issue" : "scheduledChange";
  const number = dice.whole(1, 999_999);
  const step = (at: number, statusCode: "open" | "closed"): StepFile => ({
    at,
    healthEvent: healthEvent({ region, service, category, number, statusCode }),
  });
  const opened = dice.whole(from, to);
  const copies = dice.chance(0.3) ? [step(opened + dice.whole(0, 60), "open")] : [];
  const closed = dice.chance(0.6) ? [step(opened + dice.whole(20, 240), "closed")] : [];
  return [step(opened, "open"), ...copies, ...closed];
}

function healthEvent(told: {
  region: string;
  service: string;
  category: string;
  number: number;
  statusCode: "open" | "closed";
}) {
  const { region, service, category, number, statusCode } = told;
  const isClosed = statusCode === "closed";
  const code = `AWS_${service}_OPERATIONAL_ISSUE`;
  return {
    version: "0",
    id: `7bf73129-1428-4cd3-a780-${String(number).padStart(12, "0")}`,
    "detail-type": "AWS Health Event",
    source: "aws.health",
    account: "123456789012",
    time: { $at: "iso" },
    region,
    resources: [],
    detail: {
      eventArn: `arn:aws:health:${region}::event/${service}/${code}/${code}_lab_${number}`,
      service,
      eventTypeCode: code,
      eventTypeCategory: category,
      eventScopeCode: "PUBLIC",
      communicationId: `lab${number}-${isClosed ? 2 : 1}`,
      startTime: { $at: "rfc1123" },
      lastUpdatedTime: { $at: "rfc1123" },
      ...(isClosed ? { endTime: { $at: "rfc1123" } } : {}),
      statusCode,
      eventRegion: region,
      eventDescription: [{ language: "en_US", latestDescription: "Increased error rates." }],
      affectedEntities: [],
      page: "1",
      totalPages: "1",
      backupEvent: "false",
      affectedAccount: "123456789012",
      personas: ["OPERATIONS"],
    },
  };
}
