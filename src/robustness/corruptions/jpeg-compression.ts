import sharp from 'sharp';
import { decodeImage } from '../../images/read-image.js';
import { atSeverity, type BySeverity, type Corruption } from './corruption.js';

const QUALITIES: BySeverity<number> = [25, 18, 15, 10, 7];

/** Writes and reads the picture as JPEG with colour at half the resolution. */
export const jpegCompression: Corruption = async ({ width, height, data }, severity) => {
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: atSeverity(QUALITIES, severity), chromaSubsampling: '4:2:0' })
    .toBuffer();
  return decodeImage(jpeg, 'the compressed picture');
};
