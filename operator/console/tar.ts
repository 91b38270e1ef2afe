// A bundle as one download: a tar archive (POSIX ustar) of small text files, which every system
// opens and which needs no library. Names are short and ours.

const blockBytes = 512;

/** `seconds`: since 1970, the files' time. */
export function tarOf(
  folder: string,
  files: ReadonlyMap<string, string>,
  seconds: number,
): Uint8Array<ArrayBuffer> {
  const parts = [...files].flatMap(([name, text]) => {
    const content = Buffer.from(text, "utf8");
    const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
    return [header(`${folder}/${name}`, content.length, seconds), content, padding];
  });
  // Two empty blocks end an archive.
  return new Uint8Array(Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]));
}

const nameBytesMax = 100;
const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;

function header(name: string, size: number, seconds: number): Buffer {
  if (Buffer.byteLength(name) > nameBytesMax) throw new RangeError(`${name} is too long for a tar`);
  const block = Buffer.alloc(blockBytes);
  const fields: readonly (readonly [number, string])[] = [
    [0, name],
    [100, octal(0o644, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(size, 11)],
    [136, octal(Math.floor(seconds), 11)],
    // The checksum counts its own field as spaces.
    [148, " ".repeat(8)],
    [156, "0"],
    [257, "ustar\0"],
    [263, "00"],
  ];
  for (const [offset, text] of fields) block.write(text, offset, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)} `, 148, "latin1");
  return block;
}
