import { HttpProblem } from '../http/http-problem.js';

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** First bytes of the formats that are read, with the place at which they stand. */
const SIGNATURES: readonly (readonly { at: number; bytes: readonly number[] }[])[] = [
  [{ at: 0, bytes: [0xff, 0xd8, 0xff] }],
  [{ at: 0, bytes: [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a] }],
  [{ at: 0, bytes: ascii('GIF87a') }],
  [{ at: 0, bytes: ascii('GIF89a') }],
  [
    { at: 0, bytes: ascii('RIFF') },
    { at: 8, bytes: ascii('WEBP') },
  ],
  [{ at: 0, bytes: [...ascii('II'), 0x2a, 0x00] }],
  [{ at: 0, bytes: [...ascii('MM'), 0x00, 0x2a] }],
  [{ at: 4, bytes: ascii('ftypavif') }],
  [{ at: 4, bytes: ascii('ftypavis') }],
];

/**
 * Refuses bytes that do not begin as a JPEG, PNG, WebP, GIF, TIFF or AVIF does, whatever their name says,
 * before any decoder sees them: the library behind sharp would read SVG and PDF too.
 */
export function checkPictureFormat(bytes: Uint8Array): void {
  const isKnown = SIGNATURES.some((parts) =>
    parts.every((part) => part.bytes.every((byte, i) => bytes[part.at + i] === byte)),
  );
  if (isKnown) return;
  throw new HttpProblem(
    415,
    'this file is no picture that can be read: JPEG, PNG, WebP, GIF, TIFF and AVIF are',
  );
}
