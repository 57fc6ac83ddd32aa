//! The actions, as the connector has them.

use std::sync::LazyLock;

use wecom_connector::about::About;
use wecom_connector::actions::{self, Visitor};
use wecom_connector::connection::Connection as _;
use wecom_connector::parameter::{Described as _, Field, Kind};

/// An action, without its types.
pub(crate) struct Action {
    /// The WIT function, and the `action` of `invoke`.
    pub id: &'static str,
    /// What else is known of it.
    pub about: About,
    /// The type of connection: `application`.
    pub connection: &'static str,
    /// Name and WIT type of each parameter, in order. What is no `option` is required.
    pub parameters: Vec<(&'static str, String)>,
    /// The same with all that a call has to know of them, and what is in a record.
    pub fields: &'static [Field],
}

impl Action {
    /// Whether it has a parameter of that name.
    pub(crate) fn has(&self, parameter: &str) -> bool {
        self.parameters.iter().any(|(name, _)| *name == parameter)
    }
}

/// Every action, in the order of the connector's list.
pub(crate) fn actions() -> &'static [Action] {
    static ALL: LazyLock<Vec<Action>> = LazyLock::new(|| {
        #[derive(Default)]
        struct Collector(Vec<Action>);
        impl Visitor for Collector {
            fn visit<A: wecom_connector::action::Action>(&mut self) {
                let parameters = A::Parameters::FIELDS.iter().map(|field| (field.name, ty(field))).collect();
                self.0.push(Action {
                    id: A::ABOUT.id,
                    about: A::ABOUT,
                    connection: A::Connection::TYPE,
                    parameters,
                    fields: A::Parameters::FIELDS,
                });
            }
        }
        let mut collector = Collector::default();
        actions::visit(&mut collector);
        collector.0
    });
    &ALL
}

/// What the connector knows of an action.
pub(crate) fn about(action: &str) -> &'static About {
    actions::about(action).unwrap_or_else(|| panic!("there is no action {action}"))
}

/// A type as WIT writes it.
fn ty(field: &Field) -> String {
    let ty = match field.kind {
        Kind::Text => "string",
        Kind::Number { max: 255 } => "u8",
        Kind::Number { max } if max == u64::from(u32::MAX) => "u32",
        Kind::Number { .. } => "u64",
        Kind::Texts => "list<string>",
        Kind::Numbers => "list<u32>",
        Kind::Record(_) => "record",
        Kind::Records(_) => "list<record>",
    };
    if field.required { ty.to_owned() } else { format!("option<{ty}>") }
}
