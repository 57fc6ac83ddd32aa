//! Parameter tables, and the parameters of one call.
//!
//! A table is a struct whose fields are the parameters; [`table!`] declares it together with a [`Spec`] for each: its
//! texts, its name on the wire and its rules. From there on a call is the same for every action, whether its parameters
//! came typed or as JSON: named [`Parameters`], held against the rules of their fields.

pub mod conditions;
pub mod decode;
pub mod encode;
#[cfg(any(test, feature = "testing"))]
pub mod example;
pub mod field;
pub mod key;
pub mod rules;
#[cfg(not(target_family = "wasm"))]
pub mod schema;
pub mod table;
pub mod ui;
pub mod values;

pub use decode::Elsewhere;
pub use field::{Choice, Field, Kind, Names, Record, Spec};
pub use key::Key;
pub use table::{Described, Given, Parameter, Table, Values};
pub(crate) use table::{output, table};
pub use values::{Edits, Parameters};
