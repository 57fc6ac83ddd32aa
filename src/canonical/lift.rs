//! From memory to values. What the host has put there is ours, and is freed or taken over.

use std::alloc;

use serde_json::Value;

use super::layout::{self, ADDRESS, Layout, offsets};
use super::of_block;
use crate::json::MAX_VALUES;
use crate::parameter::table::TooMany;
use crate::parameter::{Field, Given, Kind, Values};

/// The connection, if there is one, and the parameters.
///
/// # Safety
///
/// At `memory` lies what the canonical ABI makes of `option<connection>` and `parameters`, in blocks of the global
/// allocator that nothing else holds.
pub unsafe fn arguments(
    connection: &'static [Field],
    parameters: &'static [Field],
    memory: *mut u8,
) -> (Option<Values>, Values) {
    let fields = layout::arguments(connection, parameters);
    // SAFETY: it is what the caller says.
    let mut values = unsafe {
        let values = record(memory, &fields);
        free(memory, Layout::of_record::<ADDRESS>(&fields));
        values.0.into_iter()
    };
    let mut next = || if let Some(Given::Record(values)) = values.next() { Some(values) } else { None };
    (next(), next().unwrap_or_default())
}

/// The same, where they are the arguments of the function. Each is widened to 64 bits.
///
/// # Safety
///
/// As for [`arguments`]: `flat` is what the canonical ABI makes of the two.
pub unsafe fn flat_arguments(
    connection: &'static [Field],
    parameters: &'static [Field],
    flat: &[u64],
) -> (Option<Values>, Values) {
    let fields = layout::arguments(connection, parameters);
    let Some(block) = of_block(Layout::of_record::<ADDRESS>(&fields)) else { return Default::default() };
    // SAFETY: the block has the size of the record, which is filled before it is read, and freed by who reads it.
    unsafe {
        let memory = alloc::alloc_zeroed(block);
        if memory.is_null() {
            alloc::handle_alloc_error(block);
        }
        spread(memory, &fields, &mut flat.iter().copied());
        arguments(connection, parameters, memory)
    }
}

/// Puts arguments where they would be if they lay in memory.
unsafe fn spread(at: *mut u8, fields: &[Field], flat: &mut impl Iterator<Item = u64>) {
    for (offset, field) in offsets::<ADDRESS>(fields) {
        // SAFETY: every place is inside of the record, and aligned for what is written there.
        unsafe {
            let mut at = at.add(offset);
            let mut next = || flat.next().unwrap_or_default();
            if !field.required {
                write(at, 1, next());
                at = at.add(Layout::of::<ADDRESS>(field.kind).align);
            }
            match field.kind {
                Kind::Number { .. } => write(at, Layout::of::<ADDRESS>(field.kind).size, next()),
                Kind::Record(fields) => spread(at, fields, flat),
                Kind::Text | Kind::Texts | Kind::Numbers | Kind::Records(_) => {
                    write(at, ADDRESS, next());
                    write(at.add(ADDRESS), ADDRESS, next());
                }
            }
        }
    }
}

/// Writes a number of so many bytes, in the order of the target, which in a component is the canonical one.
#[expect(clippy::cast_possible_truncation, reason = "what is written is as wide as the field")]
pub(super) unsafe fn write(at: *mut u8, size: usize, number: u64) {
    // SAFETY: the caller's place has so many bytes, and is aligned to them.
    unsafe {
        match size {
            1 => at.write(number as u8),
            4 => at.cast::<u32>().write(number as u32),
            _ => at.cast::<u64>().write(number),
        }
    }
}

unsafe fn read(at: *const u8, size: usize) -> u64 {
    // SAFETY: the caller's place has so many bytes, and is aligned to them.
    unsafe {
        match size {
            1 => at.read().into(),
            4 => at.cast::<u32>().read().into(),
            _ => at.cast::<u64>().read(),
        }
    }
}

unsafe fn record(at: *mut u8, fields: &[Field]) -> Values {
    // SAFETY: every field lies inside of the record.
    Values(offsets::<ADDRESS>(fields).map(|(offset, field)| unsafe { given(at.add(offset), field) }).collect())
}

unsafe fn given(mut at: *mut u8, field: &Field) -> Given {
    // SAFETY: the layout is that of the field's type, and where there is no value, none is read.
    unsafe {
        if !field.required {
            if at.read() == 0 {
                return Given::Nothing;
            }
            at = at.add(Layout::of::<ADDRESS>(field.kind).align);
        }
        match field.kind {
            Kind::Text => Given::Value(text(at)),
            Kind::Number { .. } => Given::Value(read(at, Layout::of::<ADDRESS>(field.kind).size).into()),
            Kind::Texts => values(at, Kind::Text, |at| text(at)),
            Kind::Numbers => values(at, Kind::Number { max: u32::MAX.into() }, |at| read(at, 4).into()),
            Kind::Record(fields) => Given::Record(record(at, fields)),
            Kind::Records(fields) => {
                list(at, Kind::Record(fields), |at| record(at, fields)).map_or_else(Given::TooMany, Given::Records)
            }
        }
    }
}

/// Where a text or a list begins, and how long it is.
unsafe fn slice(at: *const u8) -> (*mut u8, usize) {
    // SAFETY: a text or a list is an address and a number.
    unsafe { (at.cast::<*mut u8>().read(), at.add(ADDRESS).cast::<usize>().read()) }
}

unsafe fn text(at: *const u8) -> Value {
    // SAFETY: what the host puts there is a block of that length, and UTF-8, which it checks. Of an empty text there is no
    // block.
    let text = unsafe {
        match slice(at) {
            (_, 0) => String::new(),
            (start, length) => String::from_utf8_unchecked(Vec::from_raw_parts(start, length, length)),
        }
    };
    text.into()
}

unsafe fn values(at: *const u8, kind: Kind, entry: impl Fn(*mut u8) -> Value) -> Given {
    // SAFETY: the caller's.
    let entries = unsafe { list(at, kind, entry) };
    entries.map_or_else(Given::TooMany, |entries| Given::Value(entries.into()))
}

/// The entries of a list. Those of an absurd one are freed, one after the other.
unsafe fn list<T>(at: *const u8, kind: Kind, entry: impl Fn(*mut u8) -> T) -> Result<Vec<T>, TooMany> {
    let layout = Layout::of::<ADDRESS>(kind);
    // SAFETY: the list has so many entries, one behind the other, in a block of its own.
    unsafe {
        let (start, count) = slice(at);
        let entries = (0..count).map(|index| entry(start.add(index * layout.size)));
        let entries = if count > MAX_VALUES {
            entries.for_each(drop);
            Err(TooMany(count))
        } else {
            Ok(entries.collect())
        };
        free(start, Layout { size: count * layout.size, ..layout });
        entries
    }
}

unsafe fn free(block: *mut u8, layout: Layout) {
    if let Some(layout) = of_block(layout) {
        // SAFETY: the block was allocated with that size and alignment. Of an empty one there is none.
        unsafe { alloc::dealloc(block, layout) }
    }
}
