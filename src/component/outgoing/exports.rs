//! The functions of the actions, without code of their own: [`canonical`] reads the arguments of each and writes its
//! result, along the tables of the action.

use std::cell::Cell;

use super::connector;
use crate::canonical::{self, Lowered};
use crate::connector::Session;
use crate::operation::Operation;
use crate::parameter::Values;

thread_local! {
    /// The result that the host reads. It enters the component again only when it has.
    static RESULT: Cell<Option<Lowered>> = const { Cell::new(None) };
}

/// Exports a function for each action: its name, the action, and either `memory`, where all arguments lie there, or the
/// arguments.
macro_rules! export_actions {
    (@call $name:literal, $action:ty, memory) => {
        #[unsafe(export_name = $name)]
        extern "C" fn call(memory: *mut u8) -> *const u8 {
            // SAFETY: only the host calls it, as the contract says.
            unsafe { $crate::component::outgoing::exports::call(const { &<$action>::OPERATION }, memory) }
        }
    };
    (@call $name:literal, $action:ty, $($argument:ident: $type:ty),+) => {
        #[unsafe(export_name = $name)]
        extern "C" fn call($($argument: $type),+) -> *const u8 {
            // SAFETY: only the host calls it, as the contract says.
            unsafe {
                $crate::component::outgoing::exports::call_flat(
                    const { &<$action>::OPERATION },
                    &[$(u64::from($argument)),+],
                )
            }
        }
    };
    ($($name:literal = $action:ty, ($($arguments:tt)+);)*) => {$(
        const _: () = {
            use $crate::operation::Operate as _;

            $crate::component::outgoing::exports::export_actions!(@call $name, $action, $($arguments)+);

            #[unsafe(export_name = concat!("cabi_post_", $name))]
            extern "C" fn read(_: *const u8) {
                $crate::component::outgoing::exports::read();
            }
        };
    )*};
}
pub(super) use export_actions;

/// A call whose arguments lie in memory. Returns where the result lies.
///
/// # Safety
///
/// As for [`canonical::arguments`].
pub(super) unsafe fn call<C: Session>(operation: &'static Operation<C>, memory: *mut u8) -> *const u8 {
    wit_bindgen::rt::run_ctors_once();
    // SAFETY: the caller's.
    let (connection, parameters) = unsafe { canonical::arguments(C::FIELDS, operation.fields, memory) };
    result(operation, connection, parameters)
}

/// A call with its arguments.
///
/// # Safety
///
/// As for [`canonical::flat_arguments`].
pub(super) unsafe fn call_flat<C: Session>(operation: &'static Operation<C>, flat: &[u64]) -> *const u8 {
    wit_bindgen::rt::run_ctors_once();
    // SAFETY: the caller's.
    let (connection, parameters) = unsafe { canonical::flat_arguments(C::FIELDS, operation.fields, flat) };
    result(operation, connection, parameters)
}

fn result<C: Session>(operation: &'static Operation<C>, connection: Option<Values>, parameters: Values) -> *const u8 {
    let result = connector().run(operation, connection, parameters);
    let lowered = Lowered::result(operation.output_fields, result);
    let address = lowered.address();
    RESULT.set(Some(lowered));
    address
}

/// The host has read the result.
pub(super) fn read() {
    RESULT.set(None);
}
