// The archive of one Region: objects that are written once. The bucket locks each for its retention
// and refuses whoever would write without the condition; a key that stands already is as good.
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Config, Region } from "../../core/config/schema.ts";
import type { ArchiveObject } from "../../core/contracts/archive.ts";
import { archiveBucketName } from "../../core/names.ts";
import { faultName } from "../faults.ts";
import { bounded, s3In } from "./clients.ts";

export interface Archive {
  /** False: the key stands already. */
  put(object: ArchiveObject): Promise<boolean>;
}

/** Covers both attempts of a client. */
const putSeconds = 5;

export function archive(config: Config, region: Region, account: string): Archive {
  const Bucket = archiveBucketName(config, region, account);
  return {
    async put({ key, body }) {
      const command = new PutObjectCommand({
        ...{ Bucket, Key: key, Body: body, ContentType: "application/json" },
        IfNoneMatch: "*",
        // Object Lock demands a checksum.
        ChecksumAlgorithm: "SHA256",
      });
      try {
        await bounded(putSeconds, (options) => s3In(region).send(command, options));
        return true;
      } catch (error) {
        if (faultName(error) === "PreconditionFailed") return false;
        throw error;
      }
    },
  };
}
