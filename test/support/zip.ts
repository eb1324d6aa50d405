/** A zip archive as a wheel and a Go module are: few small texts, not compressed. */
import { crc32 } from "node:zlib";

const entryStart = 0x04034b50;
const listStart = 0x02014b50;
const listEnd = 0x06054b50;
/** 1980-01-01, the first day that the format knows. */
const firstDay = 0x0021;

/** @param fields each with its size in bytes */
const littleEndian = (fields: readonly (readonly [size: 2 | 4, value: number])[]): Buffer =>
  Buffer.concat(
    fields.map(([size, value]) => {
      const bytes = Buffer.alloc(size);
      bytes.writeUIntLE(value, 0, size);
      return bytes;
    }),
  );

/** @param files path -> text */
export const zip = (files: Readonly<Record<string, string>>): Buffer => {
  const [entries, list]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)];
    const common = littleEndian([
      [2, 20], // Version of the format that is needed: 2.0
      [2, 0x0800], // The name is UTF-8
      [2, 0],
      [2, 0],
      [2, firstDay],
      [4, crc32(data)],
      [4, data.length],
      [4, data.length],
      [2, name.length],
      [2, 0],
    ]);
    const entry = Buffer.concat([littleEndian([[4, entryStart]]), common, name, data]);
    const made = littleEndian([
      [4, listStart],
      [2, 20],
    ]);
    const rest = littleEndian([
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, offset],
    ]);
    entries.push(entry);
    list.push(Buffer.concat([made, common, rest, name]));
    offset += entry.length;
  }
  const listed = Buffer.concat(list);
  const end = littleEndian([
    [4, listEnd],
    [2, 0],
    [2, 0],
    [2, list.length],
    [2, list.length],
    [4, listed.length],
    [4, offset],
    [2, 0],
  ]);
  return Buffer.concat([...entries, listed, end]);
};
