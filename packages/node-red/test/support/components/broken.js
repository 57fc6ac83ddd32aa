/** A file that is no component. */
throw new WebAssembly.CompileError('expected magic word 00 61 73 6d');
