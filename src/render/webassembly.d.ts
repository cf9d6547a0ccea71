/** What is used here of WebAssembly, whose types are elsewhere a part of those of the browser. */
declare namespace WebAssembly {
  type Value = number | Global | Memory | ((...values: never[]) => unknown);

  class Module {
    constructor(bytes: Uint8Array);
  }

  class Instance {
    constructor(module: Module);
    readonly exports: Record<string, Value>;
  }

  class Global {
    readonly value: unknown;
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    /** By so many pages of 64 KiB; whatever looked at the memory before sees nothing any more. */
    grow(pages: number): number;
  }
}
