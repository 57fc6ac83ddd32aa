//! The connector as a component: what it exports to WebAssembly is in the library.

extern crate connector as _;
