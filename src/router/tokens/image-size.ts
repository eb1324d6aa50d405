/** Width and height from the head of an image (PNG, GIF, JPEG, WebP). */

export interface ImageSize {
  width: number;
  height: number;
}

/** A JPEG's size may stand behind a preview picture in its head: so much is looked at. */
const headBytes = 256 * 1024;

/** @param base64 the image; undefined where the format is not known or the size not found */
export const imageSize = (base64: string): ImageSize | undefined => {
  // Only a JPEG hides its size further on; its base64 begins so.
  const characters = base64.startsWith("/9j/") ? Math.ceil(headBytes / 3) * 4 : 64;
  const bytes = Buffer.from(base64.slice(0, characters), "base64");
  if (bytes.length < 10) return undefined;
  if (bytes.readUInt32BE(0) === 0x89504e47 && bytes.length >= 24) {
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  const mark = bytes.toString("latin1", 0, 4);
  if (mark === "GIF8") return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  if (mark === "RIFF" && bytes.length >= 30) return webpSize(bytes);
  if (bytes.readUInt16BE(0) === 0xffd8) return jpegSize(bytes);
  return undefined;
};

const webpSize = (bytes: Buffer): ImageSize | undefined => {
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
};

/** Walks the segments to the frame header (SOF0 to SOF15, without DHT, JPG and DAC). */
const jpegSize = (bytes: Buffer): ImageSize | undefined => {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
};
