// Puts a bundle into the archive of a Region, each file once: what stands under that key already is
// the same bundle, since the key carries its manifest's hash.
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Config, Region } from "../../core/config/schema.ts";
import { bundlePrefix } from "../../core/contracts/archive.ts";
import { archiveBucketName, groupOf } from "../../core/names.ts";
import { within } from "./asking.ts";
import type { Clients } from "./clients.ts";
import { AwsFault } from "./faults.ts";

/** Of one file; a history may have some megabytes. */
const putSeconds = 20;

const contentTypes: { readonly [ending: string]: string } = {
  json: "application/json",
  html: "text/html; charset=utf-8",
};

/** Answers where it stands. Throws AwsFault. */
export async function putBundle(
  clients: Clients,
  config: Config,
  where: { readonly region: Region; readonly account: string },
  bundle: { readonly name: string; readonly files: ReadonlyMap<string, string> },
): Promise<string> {
  const { region, account } = where;
  const Bucket = archiveBucketName(config, region, account);
  const folder = `${bundlePrefix(groupOf(config))}${bundle.name}`;
  for (const [file, Body] of bundle.files) {
    const command = new PutObjectCommand({
      ...{ Bucket, Key: `${folder}/${file}`, Body, IfNoneMatch: "*" },
      ContentType: contentTypes[file.split(".").at(-1) ?? ""] ?? "application/octet-stream",
      // Object Lock demands a checksum.
      ChecksumAlgorithm: "SHA256",
    });
    try {
      await within(region, (o) => clients.archive(region).send(command, o), putSeconds);
    } catch (error) {
      if (!(error instanceof AwsFault) || error.code !== "PreconditionFailed") throw error;
    }
  }
  return `s3://${Bucket}/${folder}/`;
}
