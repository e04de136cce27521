import assert from 'node:assert/strict'
import { crc32, inflateRawSync } from 'node:zlib'

/** A cell as a spreadsheet program would take it. */
export interface ReadCell {
  readonly type: 'text' | 'number' | 'formula'
  readonly value: string
  /** The number format of its style; `General` where it has none. */
  readonly format: string
  readonly isBold: boolean
}

export interface ReadSheet {
  readonly name: string
  /** By reference: `cells.get('B2')`. Cells without a value are left out. */
  readonly cells: ReadonlyMap<string, ReadCell>
  readonly rows: number
  readonly isHeadingFrozen: boolean
  readonly filter: string | undefined
}

/**
 * Reads a workbook back without the library that wrote it: the directory of the ZIP file, each entry with its checksum, and the XML
 * of the sheets in their order.
 */
export function readXlsx(bytes: Uint8Array): ReadSheet[] {
  const parts = unzip(Buffer.from(bytes))
  const part = (name: string) => {
    const text = parts.get(name)?.toString('utf8')
    assert(text !== undefined, `the file has no ${name}`)
    return text
  }
  const types = part('[Content_Types].xml')
  const styles = stylesFrom(part('xl/styles.xml'))
  const targets = new Map(
    elements(part('xl/_rels/workbook.xml.rels'), 'Relationship').map(({ has }) => [has.Id, has.Target]),
  )
  return elements(part('xl/workbook.xml'), 'sheet').map(({ has }) => {
    const target = `xl/${targets.get(has['r:id'])}`
    assert(types.includes(`PartName="/${target}"`), `${target} has no type`)
    return sheetFrom(part(target), { name: decoded(has.name ?? ''), styles })
  })
}

function sheetFrom(xml: string, known: { name: string; styles: readonly Style[] }): ReadSheet {
  const cells = new Map<string, ReadCell>()
  const rows = elements(xml, 'row')
  for (const [i, row] of rows.entries()) {
    assert.equal(row.has.r, String(i + 1))
    for (const { has, inside } of elements(row.inside, 'c')) {
      const value = elements(inside, 'v')[0]?.inside
      if (value === undefined) continue
      assert(has.r !== undefined && !cells.has(has.r), `cell ${has.r} stands twice`)
      const style = known.styles[Number(has.s ?? 0)] ?? assert.fail(`no style ${has.s}`)
      const type = /<f\b/.test(inside) ? 'formula' : has.t === 'str' ? 'text' : has.t === undefined ? 'number' : null
      assert(type, `type ${has.t}`)
      cells.set(has.r, { type, value: decoded(value), ...style })
    }
  }
  const [pane] = elements(xml, 'pane')
  return {
    name: known.name,
    cells,
    rows: rows.length,
    isHeadingFrozen: pane?.has.state === 'frozen' && pane.has.ySplit === '1' && pane.has.xSplit === undefined,
    filter: elements(xml, 'autoFilter')[0]?.has.ref,
  }
}

interface Style {
  readonly format: string
  readonly isBold: boolean
}

function stylesFrom(xml: string): Style[] {
  const formats = new Map(elements(xml, 'numFmt').map(({ has }) => [has.numFmtId, decoded(has.formatCode ?? '')]))
  const fonts = elements(elements(xml, 'fonts')[0]?.inside ?? '', 'font')
  return elements(elements(xml, 'cellXfs')[0]?.inside ?? '', 'xf').map(({ has }) => ({
    // 49 is built in: text.
    format: has.numFmtId === '49' ? '@' : (formats.get(has.numFmtId) ?? 'General'),
    isBold: fonts[Number(has.fontId)]?.inside.includes('<b/>') === true,
  }))
}

/** Elements of a name, with their attributes; none of those that are asked for here holds another of its name. */
function elements(xml: string, name: string): Array<{ has: Record<string, string | undefined>; inside: string }> {
  return [...xml.matchAll(new RegExp(`<${name}(\\s[^>]*?)?(?:/>|>([\\s\\S]*?)</${name}>)`, 'g'))].map(match => ({
    has: Object.fromEntries(
      [...(match[1] ?? '').matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    ),
    inside: match[2] ?? '',
  }))
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The entities of XML, and then the escapes of the format, `_x0041_`. */
function decoded(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  assert(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text), 'XML cannot hold this')
  return text
    .replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex: string, decimal: string, name: string) =>
      name
        ? (ENTITIES[name] ?? assert.fail(`no entity ${name}`))
        : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)),
    )
    .replace(/_x([0-9a-f]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The entries by name, as the directory at the end tells them, each whole by its checksum. */
function unzip(bytes: Buffer): Map<string, Buffer> {
  const end = bytes.lastIndexOf(Buffer.of(0x50, 0x4b, 5, 6))
  assert(end >= 0, 'the directory of the ZIP file is missing')
  const entries = new Map<string, Buffer>()
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50)
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map(offset => bytes.readUInt16LE(at + offset))
    const name = bytes.toString('utf8', at + 46, at + 46 + (nameBytes ?? 0))
    const local = bytes.readUInt32LE(at + 42)
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const packed = bytes.subarray(from, from + bytes.readUInt32LE(at + 20))
    const content = bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed
    assert.equal(crc32(content), bytes.readUInt32LE(at + 16), `${name} is damaged`)
    assert.equal(content.length, bytes.readUInt32LE(at + 24))
    entries.set(name, content)
    at += 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0)
  }
  return entries
}
