import { malformed, unsupported } from "./errors.ts";
import { limits } from "./limits.ts";
import type {
  CustomSection,
  DataSegment,
  ElementSegment,
  Export,
  FunctionCode,
  FunctionDefinition,
  FunctionType,
  Global,
  Import,
  LimitedType,
  Module,
  Section,
} from "./module.ts";
import { Reader } from "./reader.ts";
import { sectionOrder } from "./sectionOrder.ts";
import * as sections from "./sections.ts";

/**
 * Reads the binary format (specification, chapter 5). Instructions are looked at by `validateModule` only, which must pass
 * before a module is used.
 * @throws AssayError `wasm/malformed`, `wasm/unsupported`; `wasm/invalid` for an expression that is not constant.
 */
export function decodeModule(bytes: Uint8Array): Module {
  return new Decoder(bytes).decode();
}

class Decoder {
  private readonly reader: Reader;
  private readonly types: FunctionType[] = [];
  private readonly imports: Import[] = [];
  private readonly functions: FunctionDefinition[] = [];
  private readonly tables: LimitedType[] = [];
  private readonly memories: LimitedType[] = [];
  private readonly globals: Global[] = [];
  private readonly exports: Export[] = [];
  private readonly elements: ElementSegment[] = [];
  private readonly data: DataSegment[] = [];
  private readonly sections: Section[] = [];
  private readonly customSections: CustomSection[] = [];
  private readonly declared: { typeIndex: number; offset: number }[] = [];
  private readonly code: FunctionCode[] = [];
  private start: Module["start"];
  private dataCount: number | undefined;

  constructor(private readonly bytes: Uint8Array) {
    this.reader = new Reader(bytes, 0, bytes.length);
  }

  decode(): Module {
    const { bytes, reader } = this;
    if (bytes.length > limits.moduleSize) throw unsupported(0, `a module of more than ${limits.moduleSize} bytes`);
    for (const [i, expected] of [0x00, 0x61, 0x73, 0x6d].entries()) {
      if (bytes[i] !== expected) throw malformed(i, "magic header not detected");
    }
    if (bytes[6] === 1 && bytes[7] === 0) throw unsupported(4, "components");
    for (const [i, expected] of [1, 0, 0, 0].entries()) {
      if (bytes[4 + i] !== expected) throw malformed(4 + i, "unknown binary version");
    }
    reader.skip(8);
    let last = 0;
    while (!reader.done) last = this.section(last);
    return this.finish();
  }

  /** Reads one section and returns the place of the last section in the required order. */
  private section(last: number): number {
    const { reader } = this;
    const offset = reader.offset;
    const id = reader.byte();
    if (id === 13) throw unsupported(offset, "exception handling");
    const place = sectionOrder[id];
    if (place === undefined) throw malformed(offset, `malformed section id ${id}`);
    const size = reader.u32();
    if (size > reader.end - reader.offset) throw malformed(offset, "length out of bounds");
    const content = reader.part(size);
    if (this.sections.length === limits.sections) throw unsupported(offset, `more than ${limits.sections} sections`);
    this.sections.push({ id, offset, start: content.offset, end: content.end });
    if (id === 0) {
      const name = content.name();
      this.customSections.push({ name, start: content.offset, end: content.end });
      return last;
    }
    if (place <= last) throw malformed(offset, "unexpected content after last section");
    this.content(id, content);
    if (!content.done) throw malformed(content.offset, "section size mismatch");
    return place;
  }

  private content(id: number, reader: Reader): void {
    switch (id) {
      case 1:
        return this.vector(reader, "types", limits.types, 3, () => this.types.push(sections.readType(reader)));
      case 2:
        return this.vector(reader, "imports", limits.imports, 4, () => this.import(reader));
      case 3:
        return this.vector(reader, "functions", limits.functions, 1, () => {
          const offset = reader.offset;
          this.declared.push({ typeIndex: reader.u32(), offset });
        });
      case 4:
        return this.vector(reader, "tables", limits.imports, 3, () => this.table(reader, false));
      case 5:
        return this.vector(reader, "memories", limits.imports, 2, () => this.memory(reader, false));
      case 6:
        return this.vector(reader, "globals", limits.globals, 3, () => this.globals.push(sections.readGlobal(reader)));
      case 7:
        return this.vector(reader, "exports", limits.exports, 3, () => this.exports.push(sections.readExport(reader)));
      case 8: {
        const offset = reader.offset;
        this.start = { index: reader.u32(), offset };
        return;
      }
      case 9:
        return this.vector(reader, "element segments", limits.elementSegments, 2, () =>
          this.elements.push(sections.readElementSegment(reader)),
        );
      case 10:
        return this.codeSection(reader);
      case 11:
        return this.vector(reader, "data segments", limits.dataSegments, 2, () =>
          this.data.push(sections.readDataSegment(reader)),
        );
      case 12: {
        const offset = reader.offset;
        this.dataCount = reader.u32();
        if (this.dataCount > limits.dataSegments)
          throw unsupported(offset, `more than ${limits.dataSegments} data segments`);
      }
    }
  }

  private vector(reader: Reader, what: string, limit: number, elementSize: number, readOne: () => void): void {
    for (let left = reader.count(what, limit, elementSize); left > 0; left--) readOne();
  }

  private import(reader: Reader): void {
    const offset = reader.offset;
    const module = reader.name();
    const name = reader.name();
    const kind = sections.readExternalKind(reader, "import");
    const space = { function: this.functions, table: this.tables, memory: this.memories, global: this.globals }[kind];
    this.imports.push({ module, name, kind, index: space.length, offset });
    if (kind === "function") this.functions.push({ typeIndex: reader.u32(), offset, code: undefined });
    else if (kind === "table") this.table(reader, true);
    else if (kind === "memory") this.memory(reader, true);
    else this.globals.push({ ...sections.readGlobalType(reader), value: undefined, offset });
  }

  private table(reader: Reader, imported: boolean): void {
    if (this.tables.length > 0) throw unsupported(reader.offset, "multiple tables");
    this.tables.push(sections.readTable(reader, imported));
  }

  private memory(reader: Reader, imported: boolean): void {
    if (this.memories.length > 0) throw unsupported(reader.offset, "multiple memories");
    this.memories.push(sections.readMemory(reader, imported));
  }

  private codeSection(reader: Reader): void {
    const offset = reader.offset;
    const count = reader.count("function bodies", limits.functions, 2);
    if (count !== this.declared.length) throw this.inconsistentCode(offset);
    for (let i = 0; i < count; i++) this.code.push(sections.readCode(reader));
  }

  private inconsistentCode(offset: number) {
    return malformed(offset, "function and code section have inconsistent lengths");
  }

  private finish(): Module {
    const { bytes } = this;
    if (this.code.length !== this.declared.length) throw this.inconsistentCode(bytes.length);
    if (this.dataCount !== undefined && this.dataCount !== this.data.length) {
      throw malformed(bytes.length, "data count and data section have inconsistent lengths");
    }
    for (const [i, { typeIndex, offset }] of this.declared.entries()) {
      this.functions.push({ typeIndex, offset, code: this.code[i] });
    }
    const { types, imports, functions, tables, memories, globals, exports, start, elements, data, dataCount } = this;
    const { sections, customSections } = this;
    return {
      bytes,
      types,
      imports,
      functions,
      tables,
      memories,
      globals,
      exports,
      start,
      elements,
      data,
      dataCount,
      sections,
      customSections,
    };
  }
}
