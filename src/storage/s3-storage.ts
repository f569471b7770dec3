import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { errorMessage, InputError, WorkError } from '../errors.js';
import { checkKey } from './storage-key.js';
import type { Storage } from './storage.js';

export interface S3Place {
  readonly bucket: string;
  /** Before every key; empty or ending in `/`. */
  readonly prefix: string;
}

/**
 * A bucket of S3 or of a service that speaks its protocol. Credentials and region come from where the AWS client
 * looks for them (AWS_ACCESS_KEY_ID and so on, ~/.aws), another service's address from AWS_ENDPOINT_URL_S3.
 */
export class S3Storage implements Storage {
  readonly url: string;
  private readonly client: S3Client;

  constructor(
    private readonly place: S3Place,
    /** Where objects that are needed as files are kept; they never change, so one copy serves for ever. */
    private readonly cache: string,
  ) {
    this.url = `s3://${place.bucket}/${place.prefix}`;
    // Services other than Amazon's often know no bucket as a host name.
    const ownEndpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
    this.client = new S3Client({
      forcePathStyle: ownEndpoint !== undefined,
      // Newer checksums than the protocol asks for are unknown to many services.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 5,
    });
  }

  async has(key: string): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand(this.address(key)));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw this.failure(`look for ${key}`, error);
    }
  }

  async list(folder: string): Promise<string[]> {
    const { bucket, prefix } = this.place;
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.client
        .send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: `${prefix}${checkKey(folder.replace(/\/$/, ''))}/`,
            ContinuationToken: token,
          }),
        )
        .catch((error: unknown) => {
          throw this.failure(`list ${folder}`, error);
        });
      for (const { Key } of page.Contents ?? []) found.push(Key!.slice(prefix.length));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  }

  async read(key: string): Promise<Uint8Array> {
    return (await this.open(key)).transformToByteArray();
  }

  async write(key: string, bytes: Uint8Array | string): Promise<void> {
    await this.put(key, bytes);
  }

  async upload(key: string, file: string): Promise<void> {
    const { size } = await stat(file);
    await this.put(key, createReadStream(file), size);
  }

  async remove(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.address(key))).catch((error: unknown) => {
      throw this.failure(`remove ${key}`, error);
    });
  }

  async localFile(key: string): Promise<string> {
    const { bucket, prefix } = this.place;
    const file = path.join(this.cache, bucket, ...`${prefix}${checkKey(key)}`.split('/'));
    if (existsSync(file)) return file;
    await mkdir(path.dirname(file), { recursive: true });
    const beside = path.join(path.dirname(file), `.${randomUUID()}.tmp`);
    await pipeline((await this.open(key)) as unknown as Readable, createWriteStream(beside));
    await rename(beside, file);
    return file;
  }

  private async open(key: string): Promise<StreamingBody> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand(this.address(key)));
      return Body!;
    } catch (error) {
      if (isMissing(error)) throw new InputError(`${key} is not in ${this.url}`);
      throw this.failure(`read ${key}`, error);
    }
  }

  private async put(
    key: string,
    body: Uint8Array | string | Readable,
    size?: number,
  ): Promise<void> {
    const request = { ...this.address(key), Body: body, ContentLength: size };
    await this.client.send(new PutObjectCommand(request)).catch((error: unknown) => {
      throw this.failure(`write ${key}`, error);
    });
  }

  private address(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.place.bucket, Key: this.place.prefix + checkKey(key) };
  }

  private failure(what: string, error: unknown): WorkError {
    return new WorkError(`cannot ${what} in ${this.url}: ${errorMessage(error)}`, { cause: error });
  }
}

type StreamingBody = NonNullable<GetObjectCommandOutput['Body']>;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && ['NoSuchKey', 'NotFound'].includes(error.name);
