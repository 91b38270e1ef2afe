// Which Regions go together: what is refused, and what is only worth knowing.
import { type Check, type Finding, when } from "./finding.ts";
import { inOneOlderSet, mrscRegions, route53ControlPlaneRegion } from "./regions.ts";

export const distinctRegions: Check = ({ regions: { primary, secondary, witness } }) => [
  ...when(
    primary === secondary,
    "$.regions.secondary",
    `is the primary too (${primary}); a pair needs two Regions`,
    "$.regions.primary",
  ),
  ...when(
    witness === primary || witness === secondary,
    "$.regions.witness",
    `is ${witness === primary ? "the primary" : "the secondary"} too (${witness}); ` +
      "the witness must be a third Region",
    "$.regions.primary",
    "$.regions.secondary",
  ),
];

/** "strong" needs MRSC in all three Regions. */
export const strongRegions: Check = ({ coordination, regions }) => {
  if (coordination !== "strong") return [];
  const roles = ["primary", "secondary", "witness"] as const;
  return roles.flatMap((role): Finding[] =>
    when(
      !mrscRegions.includes(regions[role]),
      `$.regions.${role}`,
      `${regions[role]} is not known to offer DynamoDB's strong consistency across Regions ` +
        `(MRSC), which "coordination": "strong" needs; known are ${mrscRegions.join(", ")}. ` +
        '"coordination": "eventual" works in every Region and is weaker (docs/shapes/pairs.md)',
      "$.coordination",
    ),
  );
};

/** What AWS's guides don't say yet is better checked before the first deployment. */
export const newerMrsc: Check = ({ coordination, regions }) => {
  const three = Object.values(regions);
  return when(
    coordination === "strong" &&
      three.every((region) => mrscRegions.includes(region)) &&
      !inOneOlderSet(three),
    "$.regions",
    `${three.join(", ")} were no Region set of MRSC before 2026-09: DynamoDB takes any three of ` +
      "its MRSC Regions since, although guide pages may still say otherwise",
    "$.coordination",
  );
};

export const weakerCoordination: Check = ({ coordination, regions, writes }) =>
  when(
    coordination === "eventual" && writes === "single-region",
    "$.coordination",
    '"eventual": a Region that is cut off from its peer while clients still reach it accepts ' +
      "writes until it learns of a switch; the stated loss does not cover those" +
      (Object.values(regions).every((region) => mrscRegions.includes(region))
        ? '. "strong" is to be had in these Regions'
        : ""),
    "$.regions",
  );

export const witnessPlace: Check = ({ regions }) =>
  when(
    regions.witness === route53ControlPlaneRegion,
    "$.regions.witness",
    `${regions.witness} holds Route 53's control plane too: its loss takes the witness, its ` +
      "drain alarms and the switch levers at once",
  );
