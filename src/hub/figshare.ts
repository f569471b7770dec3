import { z } from 'zod';
import { WorkError } from '../errors.js';
import { digestOf } from './digest.js';
import type { HubSettings } from './hub-settings.js';
import { connectionError, refusal, retryingFetch } from './network.js';
import { safePath, type RemoteFile } from './remote-file.js';

/** The fields of figshare's answer that are used. */
const articleSchema = z.object({
  license: z.object({ name: z.string() }).optional(),
  files: z.array(
    z.object({
      name: z.string(),
      size: z.number().int().min(0),
      is_link_only: z.boolean(),
      download_url: z.url(),
      computed_md5: z.string(),
    }),
  ),
});

export interface FigshareArticle {
  readonly page: string;
  readonly licence: string | undefined;
  readonly files: readonly RemoteFile[];
}

/** What an article on figshare holds. Throws like `readRepository`. */
export async function readFigshareArticle(
  article: number,
  settings: HubSettings,
): Promise<FigshareArticle> {
  const page = `https://figshare.com/articles/${article}`;
  const url = `${settings.figshare}/articles/${article}`;
  const response = await retryingFetch(settings.retry)(url).catch((error: unknown) => {
    throw connectionError(url, error);
  });
  const title = `article ${article} on figshare`;
  if (!response.ok) throw refusal(response.status, title, page, undefined);
  const parsed = articleSchema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new WorkError(`${url} does not answer as figshare's API should`);
  const files = parsed.data.files.filter((file) => !file.is_link_only);
  return {
    page,
    licence: parsed.data.license?.name,
    files: files.map(({ name, size, download_url, computed_md5 }) => {
      const digest = digestOf('md5', computed_md5);
      if (!digest) throw new WorkError(`${url} gives no hash of ${name} to check it by`);
      const path = safePath(name, page);
      return { url: download_url, path, bytes: size, digest, token: undefined, title: name, page };
    }),
  };
}
