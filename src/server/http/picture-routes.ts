import { Hono } from 'hono';
import type { PictureInfo } from '../api.js';
import { makePreview, type PictureShelf } from '../catalogue/picture-shelf.js';
import { LIMITS } from '../limits.js';
import { pictureIdSchema } from '../requests.js';
import { HttpProblem } from './http-problem.js';
import { checkType, readBody } from './read-body.js';
import { Turnstile } from './turnstile.js';

const SIZES = { least: 16, usual: 256, most: 512 } as const;
/** The id says what the bytes are. */
const FOREVER = 'private, max-age=31536000, immutable';

/** Uploads and previews: each may take a hundred megabytes while it is decoded. */
export function pictureRoutes(pictures: PictureShelf): Hono {
  const uploading = new Turnstile(8);
  const decoding = new Turnstile(2);
  const app = new Hono();

  app.post('/', async (context) => {
    checkType(context, /^image\/(jpeg|png|webp|gif|tiff|avif)$/, 'that of a picture');
    const name = context.req.query('name') ?? '';
    const info: PictureInfo = await uploading.pass(async () => {
      const bytes = await readBody(context, LIMITS.uploadBytes, 'this file');
      // Apart from the reading: a slow sender must not hold up the previews.
      return decoding.pass(() => pictures.add(bytes, name));
    });
    return context.json(info, 201);
  });

  app.get('/:id', async (context) => {
    const id = pictureIdSchema.safeParse(context.req.param('id'));
    const picture = id.success ? pictures.find(id.data) : undefined;
    if (!picture) throw new HttpProblem(404, 'there is no such picture here (any more)');
    const size = readSize(context.req.query('size'));
    const png = await decoding.pass(() => makePreview(picture.file, size));
    return context.body(new Uint8Array(png), 200, {
      'Content-Type': 'image/png',
      'Cache-Control': FOREVER,
    });
  });

  return app;
}

function readSize(text: string | undefined): number {
  if (text === undefined) return SIZES.usual;
  const size = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (size >= SIZES.least && size <= SIZES.most) return size;
  throw new HttpProblem(
    400,
    `size must be a whole number from ${SIZES.least} to ${SIZES.most}, in pixels`,
  );
}
