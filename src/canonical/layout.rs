//! How the fields of a table lie in memory, and what they are as arguments of a function.
//!
//! `ADDRESS` is how many bytes an address has: 4 in a component.

use crate::parameter::{Field, Kind};

/// How many bytes an address of this target has.
pub const ADDRESS: usize = size_of::<usize>();
/// The most arguments that are passed as such; beyond, all of them lie in memory.
pub const MAX_FLAT_ARGUMENTS: usize = 16;

/// What a value takes in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// In bytes.
    pub size: usize,
    /// What its address is a multiple of: a power of two.
    pub align: usize,
}

impl Layout {
    /// What takes nothing.
    pub const NOTHING: Self = Self { size: 0, align: 1 };

    /// A value of that type.
    pub fn of<const ADDRESS: usize>(kind: Kind) -> Self {
        match kind {
            Kind::Number { max } => {
                let size = if max <= u8::MAX.into() {
                    1
                } else if max <= u32::MAX.into() {
                    4
                } else {
                    8
                };
                Self { size, align: size }
            }
            Kind::Record(fields) => Self::of_record::<ADDRESS>(fields),
            // Where it begins, and how long it is.
            Kind::Text | Kind::Texts | Kind::Numbers | Kind::Records(_) => Self { size: 2 * ADDRESS, align: ADDRESS },
        }
    }

    /// A field: its value, or a byte that says whether there is one, and the value.
    pub fn of_field<const ADDRESS: usize>(field: &Field) -> Self {
        let value = Self::of::<ADDRESS>(field.kind);
        if field.required { value } else { value.behind_a_byte() }
    }

    /// A record.
    pub fn of_record<const ADDRESS: usize>(fields: &[Field]) -> Self {
        let mut record = Self::NOTHING;
        fields.iter().for_each(|field| {
            record.add(Self::of_field::<ADDRESS>(field));
        });
        record.padded()
    }

    /// Adds a part to what lies there already, and returns its offset.
    fn add(&mut self, part: Self) -> usize {
        let offset = aligned(self.size, part.align);
        self.size = offset + part.size;
        self.align = self.align.max(part.align);
        offset
    }

    /// With room behind it, so that the next of its kind is aligned, too.
    fn padded(self) -> Self {
        Self { size: aligned(self.size, self.align), ..self }
    }

    /// The same with a byte before it that says which case it is. The value lies as far behind that as it is aligned.
    pub fn behind_a_byte(self) -> Self {
        Self { size: self.align + self.size, ..self }.padded()
    }

    /// Either of the two.
    pub(super) fn or(self, other: Self) -> Self {
        Self { size: self.size.max(other.size), align: self.align.max(other.align) }
    }
}

fn aligned(size: usize, align: usize) -> usize {
    (size + align - 1) & !(align - 1)
}

/// A field without rules.
pub(super) const fn field(name: &'static str, kind: Kind, required: bool) -> Field {
    Field { name, wire: name, kind, required, rules: &[] }
}

/// The arguments of an action with such a connection and such parameters, as fields of a record.
pub fn arguments(connection: &'static [Field], parameters: &'static [Field]) -> [Field; 2] {
    [field("connection", Kind::Record(connection), false), field("parameters", Kind::Record(parameters), true)]
}

/// The fields of a record, each with its offset.
pub fn offsets<const ADDRESS: usize>(fields: &[Field]) -> impl Iterator<Item = (usize, &Field)> {
    let mut record = Layout::NOTHING;
    fields.iter().map(move |field| (record.add(Layout::of_field::<ADDRESS>(field)), field))
}

/// An argument of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flat {
    /// A number of at most 32 bits, or an address.
    Narrow,
    /// A number of 64 bits.
    Wide,
}

/// What the fields of a record are as arguments of a function.
pub fn flat(fields: &[Field]) -> Vec<Flat> {
    let flat = |field: &Field| {
        let mut arguments = vec![Flat::Narrow; usize::from(!field.required)];
        match field.kind {
            Kind::Number { max } if max > u32::MAX.into() => arguments.push(Flat::Wide),
            Kind::Number { .. } => arguments.push(Flat::Narrow),
            Kind::Record(fields) => arguments.extend(flat(fields)),
            Kind::Text | Kind::Texts | Kind::Numbers | Kind::Records(_) => arguments.extend([Flat::Narrow; 2]),
        }
        arguments
    };
    fields.iter().flat_map(flat).collect()
}
