//! The wiring of the component's exports: what `wit_bindgen::generate!` is to use, and a line for each action, whose
//! functions it leaves to us.

use std::fmt::Write as _;

use wecom_connector::about::About;
use wecom_connector::canonical::layout::{self, Flat, MAX_FLAT_ARGUMENTS, flat};

use super::actions::Collected;

/// What stands for the types that are no action's.
const TYPES: &str = r#"        "wecom:connector/types@VERSION": crate::component::types,
"#;

/// The types of WASI, of which waki has the bindings.
const WASI: &str = r#"        "wasi:http/outgoing-handler@0.2.2": waki::bindings::wasi::http::outgoing_handler,
        "wasi:http/types@0.2.2": waki::bindings::wasi::http::types,
        "wasi:clocks/monotonic-clock@0.2.2": waki::bindings::wasi::clocks::monotonic_clock,
        "wasi:io/poll@0.2.2": waki::bindings::wasi::io::poll,
        "wasi:io/streams@0.2.2": waki::bindings::wasi::io::streams,
        "wasi:io/error@0.2.2": waki::bindings::wasi::io::error,
"#;

/// The bindings of the world that imports nothing.
pub(crate) fn stepwise() -> String {
    let types = TYPES.replace("VERSION", env!("CARGO_PKG_VERSION"));
    format!("{}{}{types}    }},\n}});\n\nexport!(Component);\n", head("wecom-connector-stepwise"), WITH)
}

fn head(world: &str) -> String {
    format!(
        "//! The bindings of the component. Written by `cargo xtask generate`.\n\nuse super::Component;\n\nwit_bindgen::generate!({{\n    path: \"wit\",\n    world: \"{world}\",\n"
    )
}

const WITH: &str = "    // The records that both worlds have are our own.\n    with: {\n";

/// The bindings of the world that calls the host's HTTP.
pub(crate) fn outgoing(actions: &[Collected]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut skip = String::new();
    let mut exports = String::new();
    for action in actions {
        let About { id, interface, .. } = &action.about;
        let _ = writeln!(skip, "        \"{id}\",");
        let path = action.path.replacen("wecom_connector", "crate", 1);
        let _ = writeln!(
            exports,
            "    \"wecom:connector/{}@{version}#{id}\" = {path}, ({});",
            interface.name,
            arguments(action)
        );
    }
    let types = [TYPES, WASI].concat().replace("VERSION", version);
    format!(
        "{}    // The functions of the actions are exported below.\n    skip: [\n{skip}    ],\n{WITH}{types}    }},\n}});\n\nexport!(Component);\n\nsuper::exports::export_actions! {{\n{exports}}}\n",
        head("wecom-connector")
    )
}

/// What the function of an action takes: what the canonical ABI makes of its arguments, or where that is too much, the
/// address of it.
fn arguments(action: &Collected) -> String {
    let flat = flat(&layout::arguments(action.connection_fields, action.parameters.fields));
    if flat.len() > MAX_FLAT_ARGUMENTS {
        return "memory".to_owned();
    }
    let ty = |flat: &Flat| match flat {
        Flat::Narrow => "u32",
        Flat::Wide => "u64",
    };
    let arguments: Vec<String> =
        flat.iter().enumerate().map(|(index, flat)| format!("a{index}: {}", ty(flat))).collect();
    arguments.join(", ")
}

#[cfg(test)]
mod tests {
    use wecom_connector::canonical::error;
    use wecom_connector::canonical::layout::{Layout, offsets};
    use wecom_connector::parameter::example::ExampleParameters;
    use wecom_connector::parameter::{Described as _, Field, Kind};
    use wit_parser::abi::{AbiVariant, WasmType};
    use wit_parser::{Function, Int, Interface, PackageId, Resolve, SizeAlign, Type, TypeDefKind};

    use super::*;
    use crate::command::root;
    use crate::generate::{actions, wit};

    /// The contract, as the reference of the canonical ABI sees it.
    struct Contract {
        resolve: Resolve,
        package: PackageId,
        sizes: SizeAlign,
    }

    impl Contract {
        fn of(resolve: Resolve, package: PackageId) -> Self {
            let mut sizes = SizeAlign::default();
            sizes.fill(&resolve);
            Self { resolve, package, sizes }
        }

        fn interface(&self, name: &str) -> &Interface {
            &self.resolve.interfaces[self.resolve.packages[self.package].interfaces[name]]
        }

        fn ty(&self, interface: &str, name: &str) -> Type {
            Type::Id(self.interface(interface).types[name])
        }

        fn kind(&self, ty: &Type) -> Option<&TypeDefKind> {
            let Type::Id(id) = ty else { return None };
            match &self.resolve.types[*id].kind {
                TypeDefKind::Type(inner) => self.kind(inner),
                kind => Some(kind),
            }
        }

        /// The type is as large as we think, with addresses of either size.
        #[track_caller]
        fn takes(&self, ty: &Type, narrow: Layout, wide: Layout, place: &str) {
            let (size, align) = (self.sizes.size(ty), self.sizes.align(ty));
            assert_eq!(narrow, Layout { size: size.size_wasm32(), align: align.align_wasm32() }, "{place}");
            assert_eq!(wide, Layout { size: size.size_wasm64(), align: align.align_wasm64() }, "{place}");
        }

        fn is_field(&self, ty: &Type, field: &Field, place: &str) {
            let place = &format!("{place}.{}", field.name);
            self.takes(ty, Layout::of_field::<4>(field), Layout::of_field::<8>(field), place);
            match self.kind(ty) {
                Some(TypeDefKind::Option(inner)) => {
                    assert!(!field.required, "{place}");
                    let offset = self.sizes.payload_offset(Int::U8, [Some(inner)]);
                    let ours = [Layout::of::<4>(field.kind).align, Layout::of::<8>(field.kind).align];
                    assert_eq!([offset.size_wasm32(), offset.size_wasm64()], ours, "{place}");
                    self.is_value(inner, field.kind, place);
                }
                _ => {
                    assert!(field.required, "{place}");
                    self.is_value(ty, field.kind, place);
                }
            }
        }

        fn is_value(&self, ty: &Type, kind: Kind, place: &str) {
            match (self.kind(ty), kind) {
                (Some(TypeDefKind::Record(_)), Kind::Record(fields)) => self.is_record(ty, fields, place),
                (Some(TypeDefKind::List(inner)), Kind::Records(fields)) => self.is_record(inner, fields, place),
                (Some(TypeDefKind::List(inner)), Kind::Texts) => assert_eq!(*inner, Type::String, "{place}"),
                (Some(TypeDefKind::List(inner)), Kind::Numbers) => assert_eq!(*inner, Type::U32, "{place}"),
                (Some(TypeDefKind::Enum(_)), Kind::Number { .. }) => {}
                (None, Kind::Number { .. }) => assert!(![Type::String, Type::Bool].contains(ty), "{place}"),
                (None, Kind::Text) => assert_eq!(*ty, Type::String, "{place}"),
                (known, ours) => panic!("{place}: {known:?} is no {ours:?}"),
            }
        }

        fn is_record(&self, ty: &Type, fields: &[Field], place: &str) {
            let Some(TypeDefKind::Record(record)) = self.kind(ty) else { panic!("{place} is no record") };
            self.takes(ty, Layout::of_record::<4>(fields), Layout::of_record::<8>(fields), place);
            let names: Vec<String> = record.fields.iter().map(|field| field.name.replace('-', "_")).collect();
            assert_eq!(names, fields.iter().map(|field| field.name).collect::<Vec<_>>(), "{place}");
            let known = self.sizes.field_offsets(record.fields.iter().map(|field| &field.ty));
            let known: Vec<_> = known.into_iter().map(|(at, _)| [at.size_wasm32(), at.size_wasm64()]).collect();
            let ours = offsets::<4>(fields).zip(offsets::<8>(fields)).map(|((narrow, _), (wide, _))| [narrow, wide]);
            assert_eq!(known, ours.collect::<Vec<_>>(), "{place}");
            record.fields.iter().zip(fields).for_each(|(known, field)| self.is_field(&known.ty, field, place));
        }

        /// What the function takes is what the generated line says, and where its arguments and its result lie is where we
        /// read and write them.
        fn is_action(&self, function: &Function, action: &Collected) {
            let place = &*function.name;
            let ours = layout::arguments(action.connection_fields, action.parameters.fields);
            let params: Vec<Type> = function.params.iter().map(|param| param.ty).collect();
            let known = self.sizes.params(&params);
            let (narrow, wide) = (Layout::of_record::<4>(&ours), Layout::of_record::<8>(&ours));
            assert_eq!([narrow.size, narrow.align], [known.size.size_wasm32(), known.align.align_wasm32()], "{place}");
            assert_eq!([wide.size, wide.align], [known.size.size_wasm64(), known.align.align_wasm64()], "{place}");
            // An action without parameters has no argument for them.
            let has_parameters = !action.parameters.fields.is_empty();
            assert_eq!(params.len(), 1 + usize::from(has_parameters), "{place}");
            params.iter().zip(&ours).for_each(|(ty, field)| self.is_field(ty, field, place));

            let signature = self.resolve.wasm_signature(AbiVariant::GuestExport, function);
            let ty = |(index, ty): (usize, &WasmType)| match ty {
                WasmType::I64 => format!("a{index}: u64"),
                WasmType::F32 | WasmType::F64 => panic!("{place}: no field is a fraction"),
                _ => format!("a{index}: u32"),
            };
            let known: Vec<String> = signature.params.iter().enumerate().map(ty).collect();
            let known = if signature.indirect_params { "memory".to_owned() } else { known.join(", ") };
            assert_eq!(arguments(action), known, "{place}");
            assert!(signature.retptr, "{place}");

            let result = function.result.unwrap();
            let output = action.output.fields;
            let (narrow, wide) = (error::result_payload::<4>(output), error::result_payload::<8>(output));
            self.takes(&result, narrow.behind_a_byte(), wide.behind_a_byte(), place);
            let Some(TypeDefKind::Result(cases)) = self.kind(&result) else { panic!("{place} returns no result") };
            let offset = self.sizes.payload_offset(Int::U8, [cases.ok.as_ref(), cases.err.as_ref()]);
            assert_eq!([offset.size_wasm32(), offset.size_wasm64()], [narrow.align, wide.align], "{place}");
            match &cases.ok {
                Some(ty) => self.is_record(ty, output, place),
                None => assert!(output.is_empty(), "{place}"),
            }
        }
    }

    #[test]
    fn every_function_lies_in_memory_as_the_canonical_abi_says() {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(root().join("wit")).unwrap();
        let contract = Contract::of(resolve, package);
        for action in actions::all() {
            let interface = contract.interface(action.about.interface.name);
            contract.is_action(&interface.functions[action.about.id], &action);
        }

        let error = contract.ty("types", "error");
        let payloads = (error::payload::<4>(), error::payload::<8>());
        contract.takes(&error, payloads.0.behind_a_byte(), payloads.1.behind_a_byte(), "error");
        let Some(TypeDefKind::Variant(variant)) = contract.kind(&error) else { panic!("the error is no variant") };
        assert_eq!(variant.cases.len(), error::CASES.len());
        for (case, ours) in variant.cases.iter().zip(error::CASES) {
            match (&case.ty, ours) {
                (None, None) => {}
                (Some(ty), Some(kind)) => contract.is_value(ty, kind, &case.name),
                (known, ours) => panic!("{}: {known:?} is no {ours:?}", case.name),
            }
        }
    }

    #[test]
    fn records_within_records_lie_there_as_well() {
        let mut text = "package a:b;\n\ninterface c {\n".to_owned();
        wit::tests::records_of(ExampleParameters::RECORD)
            .iter()
            .for_each(|record| wit::write_record(&mut text, record));
        text.push_str("}\n");
        let mut resolve = Resolve::default();
        let package = resolve.push_str("a.wit", &text).unwrap();
        let contract = Contract::of(resolve, package);
        contract.is_record(&contract.ty("c", "example-parameters"), ExampleParameters::FIELDS, "example");
    }
}
