/** What is used of WebAssembly's own names, which no library of types here declares. */
interface WebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** By pages of 64 KiB; the buffer is another one then. */
  grow(pages: number): number;
}

/** The functions of a module that imports nothing; null where WebAssembly, or what it takes of it, is not to be had. */
export function wasmExports<Exports>(bytes: () => Uint8Array): Exports | null {
  const { WebAssembly: wasm } = globalThis as { readonly WebAssembly?: WebAssembly };
  try {
    return wasm ? (new wasm.Instance(new wasm.Module(bytes())).exports as Exports) : null;
  } catch {
    return null;
  }
}
