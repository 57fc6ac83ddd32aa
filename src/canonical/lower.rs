//! From values to memory, which is kept until the host has read it.

use std::alloc;
use std::ptr::null_mut;

use serde_json::Value;

use super::layout::{ADDRESS, Layout, offsets};
use super::lift::write;
use super::{error, of_block};
use crate::error::Error;
use crate::parameter::{Field, Given, Kind, Values};

/// A result in memory. Dropping it frees the memory.
pub struct Lowered {
    address: *const u8,
    _blocks: Writer,
}

impl Lowered {
    /// `result<output, error>` of an action with these fields of the output; `result<_, error>` if there are none.
    pub fn result(fields: &[Field], result: Result<Values, Error>) -> Self {
        let payload = error::result_payload::<ADDRESS>(fields);
        let mut blocks = Writer::default();
        let address = blocks.block(payload.behind_a_byte());
        // SAFETY: the block has room for either, and what is behind a byte lies as far behind it as it is aligned.
        unsafe {
            let at = address.add(payload.align);
            match result {
                Ok(values) => blocks.record(at, fields, values),
                Err(result) => {
                    let (case, given) = error::case(result);
                    address.write(1);
                    at.write(case);
                    if let Some(kind) = error::CASES.get(usize::from(case)).copied().flatten() {
                        blocks.value(at.add(error::payload::<ADDRESS>().align), kind, given);
                    }
                }
            }
        }
        Self { address, _blocks: blocks }
    }

    /// Where it lies.
    pub fn address(&self) -> *const u8 {
        self.address
    }
}

/// The blocks that were written. Dropping it frees them.
#[derive(Default)]
pub(super) struct Writer(Vec<(*mut u8, alloc::Layout)>);

impl Drop for Writer {
    fn drop(&mut self) {
        for (block, layout) in self.0.drain(..) {
            // SAFETY: each was allocated with this layout, and nothing else frees it.
            unsafe { alloc::dealloc(block, layout) }
        }
    }
}

impl Writer {
    /// A block of zeros, which mean for every type that nothing is there: no value, an empty text, an empty list.
    pub(super) fn block(&mut self, layout: Layout) -> *mut u8 {
        let Some(layout) = of_block(layout) else { return null_mut() };
        // SAFETY: it has a size.
        let block = unsafe { alloc::alloc_zeroed(layout) };
        if block.is_null() {
            alloc::handle_alloc_error(layout);
        }
        self.0.push((block, layout));
        block
    }

    /// Leaves the blocks to whoever lifts what is in them.
    #[cfg(test)]
    pub(super) fn forget(mut self) {
        self.0.clear();
    }

    /// Writes a record.
    ///
    /// # Safety
    ///
    /// At the place is room for it, zeroed.
    pub(super) unsafe fn record(&mut self, at: *mut u8, fields: &[Field], values: Values) {
        for ((offset, field), given) in offsets::<ADDRESS>(fields).zip(values.0) {
            if matches!(given, Given::Nothing) {
                continue;
            }
            // SAFETY: every field lies inside of the record.
            unsafe {
                let mut at = at.add(offset);
                if !field.required {
                    at.write(1);
                    at = at.add(Layout::of::<ADDRESS>(field.kind).align);
                }
                self.value(at, field.kind, given);
            }
        }
    }

    /// Writes a value.
    ///
    /// # Safety
    ///
    /// At the place is room for it, zeroed.
    unsafe fn value(&mut self, at: *mut u8, kind: Kind, given: Given) {
        // SAFETY: what is written is of the type that the layout is of.
        unsafe {
            match (kind, given) {
                (Kind::Text, Given::Value(Value::String(text))) => self.text(at, text),
                (Kind::Number { .. }, Given::Value(Value::Number(number))) => {
                    write(at, Layout::of::<ADDRESS>(kind).size, number.as_u64().unwrap_or_default());
                }
                (Kind::Texts, Given::Value(Value::Array(items))) => self.list(at, Kind::Text, items, Given::Value),
                (Kind::Numbers, Given::Value(Value::Array(items))) => {
                    self.list(at, Kind::Number { max: u32::MAX.into() }, items, Given::Value);
                }
                (Kind::Record(fields), Given::Record(values)) => self.record(at, fields, values),
                (Kind::Records(fields), Given::Records(records)) => {
                    self.list(at, Kind::Record(fields), records, Given::Record);
                }
                // A value is what its kind says: `output!` makes both of the same type.
                _ => {}
            }
        }
    }

    unsafe fn text(&mut self, at: *mut u8, text: String) {
        if text.is_empty() {
            return;
        }
        let layout = alloc::Layout::for_value::<str>(&text);
        let start = Box::into_raw(text.into_boxed_str()).cast::<u8>();
        self.0.push((start, layout));
        // SAFETY: the caller's.
        unsafe { slice(at, start, layout.size()) }
    }

    unsafe fn list<T>(&mut self, at: *mut u8, kind: Kind, items: Vec<T>, given: fn(T) -> Given) {
        let layout = Layout::of::<ADDRESS>(kind);
        let start = self.block(Layout { size: items.len() * layout.size, ..layout });
        // SAFETY: the block has room for every entry, one behind the other.
        unsafe {
            slice(at, start, items.len());
            for (index, item) in items.into_iter().enumerate() {
                self.value(start.add(index * layout.size), kind, given(item));
            }
        }
    }
}

/// Writes where a text or a list begins, and how long it is.
unsafe fn slice(at: *mut u8, start: *mut u8, length: usize) {
    // SAFETY: a text or a list is an address and a number.
    unsafe {
        at.cast::<*mut u8>().write(start);
        at.add(ADDRESS).cast::<usize>().write(length);
    }
}
