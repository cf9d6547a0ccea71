import type { Sharp } from 'sharp';

/** A picture as it is stored and served: a JPEG, which every mail program shows. */
export interface SizedPicture {
  bytes: Buffer;
  width: number;
  height: number;
}

/** Twice the pixels that the sheet of a mail has, for fine screens; and the same for a picture beside a title. */
const wideWidth = 1280;
const wideHeightMax = 1600;
const smallWidth = 320;
const smallHeight = 180;
/** A picture of more is not decoded: a few kilobytes can claim to be gigabytes of pixels. */
const pixelsMax = 40_000_000;
const pixelsLeast = 32;
const timeoutS = 10;
export const sizedBytesMax = 400 * 1024;

/**
 * Both sizes of a picture, newly encoded, so that nothing of the original but its pixels is passed on. Undefined for what
 * is no picture of a usual kind and size.
 */
export async function resizePicture(
  bytes: Buffer,
): Promise<{ wide: SizedPicture; small: SizedPicture } | undefined> {
  // Only raster formats: an SVG is a document, and can ask for others.
  if (!kinds.some((isKind) => isKind(bytes))) return undefined;
  // Loaded here, so that processes that resize nothing do not carry the library.
  const { default: sharp } = await import('sharp');
  const open = () =>
    sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'error' })
      .timeout({ seconds: timeoutS })
      .autoOrient();
  try {
    const { width, height } = await open().metadata();
    if (width < pixelsLeast || height < pixelsLeast) return undefined;
    const wide = open().resize({
      width: wideWidth,
      height: wideHeightMax,
      fit: 'inside',
      withoutEnlargement: true,
    });
    const small = open().resize({ width: smallWidth, height: smallHeight, fit: 'cover' });
    const [one, other] = [await encode(wide, [82, 65, 45]), await encode(small, [80, 60])];
    return one && other && { wide: one, small: other };
  } catch {
    return undefined;
  }
}

/** As JPEG on white, at the first of these qualities that keeps to the bytes. */
async function encode(picture: Sharp, qualities: readonly number[]): Promise<SizedPicture | undefined> {
  for (const quality of qualities) {
    const { data, info } = await picture
      .clone()
      .flatten({ background: '#ffffff' })
      .jpeg({ quality, progressive: true })
      .toBuffer({ resolveWithObject: true });
    if (data.length <= sizedBytesMax) return { bytes: data, width: info.width, height: info.height };
  }
  return undefined;
}

/** JPEG, PNG, WebP and GIF by their first bytes. */
const kinds: readonly ((bytes: Buffer) => boolean)[] = [
  (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  (bytes) => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)),
];
